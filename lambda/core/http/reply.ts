import type { Responding } from './endpoint';
import type { HttpRequest } from './http-request';
import type { HttpResponse } from './response';
import type { EndpointFacts } from '../../../src/core/endpoint';

/** Of what a reply may be told. */
export interface ReplyOptions {
  /** @default - the success of the endpoint's facts */
  readonly status?: 200 | 201 | 202;
  /** The version of what is answered, with its quotes, as `etag` makes it. @default - none */
  readonly etag?: string;
  /** More headers, names in lower case. @default - none */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A strong entity tag: `"7"`. */
export const etag = (version: string | number) => `"${version}"`;

/**
 * A caller may keep an answer that has an entity tag, and asks each time whether it is still good; nobody between may
 * keep it.
 */
const REVALIDATED = { 'cache-control': 'private, no-cache' };

/** Entity tags of a header (RFC 9110, 8.8.3): weak ones as well, which match in If-None-Match alone. */
const TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

const tagsOf = (header: string) => (header.trim() === '*' ? ('*' as const) : (header.match(TAG) ?? []));
const strong = (tag: string) => tag.replace(/^W\//, '');

/** RFC 9110, 13.1.2: weak comparison. */
function isKnown(request: HttpRequest, tag: string): boolean {
  const sent = request.headers['if-none-match'];
  const tags = sent === undefined ? [] : tagsOf(sent);
  return tags === '*' || tags.some((known) => strong(known) === strong(tag));
}

/** On which versions a write depends. */
export interface IfMatch {
  /** Whether any version will do, as long as there is one: `If-Match: *`. */
  readonly any: boolean;
  /** The versions, without quotes. */
  readonly versions: readonly string[];
}

/**
 * What `If-Match` asks for (RFC 9110, 13.1.1: strong comparison, so that a weak tag matches nothing); undefined where it
 * was not sent.
 */
export function ifMatch({ headers }: Pick<HttpRequest, 'headers'>): IfMatch | undefined {
  const sent = headers['if-match'];
  if (sent === undefined) {
    return undefined;
  }
  const tags = tagsOf(sent);
  return tags === '*'
    ? { any: true, versions: [] }
    : { any: false, versions: tags.filter((tag) => tag.startsWith('"')).map((tag) => tag.slice(1, -1)) };
}

/** What an endpoint answers beside a plain body: another of its statuses, an entity tag, headers. */
class Reply<Body> implements Responding<Body> {
  public constructor(
    public readonly body: Body,
    private readonly options: ReplyOptions = {},
  ) {}

  public respond(facts: EndpointFacts, request: HttpRequest): HttpResponse {
    const { status = facts.success, etag: tag, headers: own } = this.options;
    const headers = tag === undefined ? { ...own } : { ...REVALIDATED, etag: tag, ...own };
    return tag !== undefined && facts.method === 'GET' && isKnown(request, tag)
      ? { statusCode: 304, headers }
      : { statusCode: status, body: this.body, headers };
  }
}

/** A body with a status or headers of its own. */
export const reply = <Body>(body: Body, options?: ReplyOptions) => new Reply(body, options);
