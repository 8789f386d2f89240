import { Metadata, METADATA, PipelineEvent } from './events';
import { valueAt } from './expression';
import { javaText } from './values';

/** Makes a text of an event; undefined where an attribute of it is not there. */
export type Format = (event: PipelineEvent) => string | undefined;

/**
 * Compiles a text with values of the event in it: `${/isbn}|${getMetadata("sort_key")}`.
 *
 * https://docs.opensearch.org/latest/data-prepper/pipelines/configuration/sinks/opensearch/ (document_id)
 *
 * @throws an Error saying what is not supported
 */
export function compileFormat(text: string): Format {
  const parts = text.split(/(\$\{[^}]*\})/).filter((part) => part !== '');
  const formats = parts.map((part) => (part.startsWith('${') ? placeholder(part) : literal(part)));
  return (event) => {
    const values = formats.map((format) => format(event));
    return values.includes(undefined) ? undefined : values.join('');
  };
}

function literal(text: string): Format {
  if (text.includes('${') || text.includes('%{')) throw new Error(`${text} is not supported`);
  return () => text;
}

function placeholder(part: string): Format {
  const pointer = /^\$\{\/(\w+(?:\/\w+)*)\}$/.exec(part)?.[1];
  if (pointer !== undefined) {
    const names = pointer.split('/');
    return ({ data }) => {
      const value = valueAt(data, names);
      return value === null ? undefined : javaText(value);
    };
  }
  const given = /^\$\{getMetadata\("(\w+)"\)\}$/.exec(part)?.[1];
  const name = METADATA.find((known): known is keyof Metadata => known === given);
  if (name === undefined) throw new Error(`${part} is not supported`);
  return ({ metadata }) => metadata[name];
}
