import { LocalService } from '../service';
import { LambdaApi } from './api';
import { FunctionPools } from './function-pools';
import { LambdaProvider } from './providers';

/** Lambda: functions in processes of this Node. Of its API, Invoke is here. */
export const lambda: LocalService = {
  name: 'Lambda',
  iamPrefixes: ['lambda'],
  start: (run) => {
    const { region, accountId, workDir, maxProcesses, endpoint, others } = run;
    const functions = new FunctionPools({
      region,
      workDir,
      maxProcesses,
      endsNow: (name) => run.faults.next(`lambda:process of ${name}`, ['coldStart']) !== undefined,
      echo: (name, line) => run.functionWrote(name, line),
    });
    functions.configure(endpoint, () => others.functionEnvironment());
    return {
      providers: [new LambdaProvider(run, functions)],
      apis: [new LambdaApi(functions, `arn:aws:lambda:${region}:${accountId}:function:`)],
      functions,
      pending: (without) => functions.pending(without),
      close: async () => functions.close(),
    };
  },
};
