import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { readRequest } from './request';
import { queryParameters } from '../http-api/event';
import { queryLists } from '../rest-api/event';

/** Names as a client chooses them: none of them finds what every object of JavaScript has. */
describe.each(['__proto__', 'constructor', 'toString'])('the name %s', (name) => {
  const query = `${name}=1&${name}=2`;

  test('in the query of a REST API has its values', () => {
    expect(Object.entries(queryLists(query))).toEqual([[name, ['1', '2']]]);
  });

  test('in the query of an HTTP API has its values', () => {
    expect(Object.entries(queryParameters(query) ?? {})).toEqual([[name, '1,2']]);
  });

  test('of a header has its value', () => {
    const message = new IncomingMessage(new Socket());
    message.rawHeaders.push(name, 'one');
    expect(Object.entries(readRequest(message, Buffer.alloc(0)).headers)).toEqual([[name.toLowerCase(), 'one']]);
  });
});
