/** A function as its template describes it. */
export interface FunctionConfiguration {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** `index.handler`. */
  readonly handler: string;
  readonly runtime: string;
  /** Folder with the code. */
  readonly codeDirectory: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly architecture: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
  readonly logGroup: string;
}

/** What every process of the run gets beside its function's own configuration. */
export interface ProcessSettings {
  readonly region: string;
  /** Where the SDK sends its calls. */
  readonly awsEndpoint: string;
  /** What services add to every function's environment, asked when a process starts. */
  readonly serviceEnvironment: () => Readonly<Record<string, string>>;
  readonly bootstrapFile: string;
  /** Where compiled code is kept for the next process; undefined where no folder is safe for it. */
  readonly codeCacheDirectory?: string;
  /** An empty folder: the developer's own AWS settings must not reach the functions. */
  readonly homeDirectory: string;
  readonly temporaryDirectory: string;
}

/** Variables of a process: the template's, what Lambda sets, and where AWS is. Nothing of the runner's own. */
export function processEnvironment(
  fn: FunctionConfiguration,
  settings: ProcessSettings,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string },
): Record<string, string> {
  return {
    ...fn.environment,
    _HANDLER: fn.handler,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_REGION: settings.region,
    // This machine's Node may be older than Lambda's; the SDK would say so at every cold start.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_DEFAULT_REGION: settings.region,
    AWS_ENDPOINT_URL: settings.awsEndpoint,
    AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: fn.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${credentials.accessKeyId.toLowerCase()}`,
    HOME: settings.homeDirectory,
    LAMBDA_TASK_ROOT: fn.codeDirectory,
    LANG: 'en_US.UTF-8',
    PATH: process.env.PATH ?? '',
    TMPDIR: settings.temporaryDirectory,
    TZ: 'UTC',
    ...(settings.codeCacheDirectory === undefined ? {} : { LOCAL_CODE_CACHE: settings.codeCacheDirectory }),
    ...settings.serviceEnvironment(),
  };
}
