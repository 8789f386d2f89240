// Hands on what comes to a port of any address to a port of loopback: `node relay.js 18080 8080`.
const net = require('node:net');

const [from, to] = process.argv.slice(2).map(Number);

net
  .createServer((caller) => {
    const target = net.connect(to, '127.0.0.1');
    caller.pipe(target).pipe(caller);
    for (const [one, other] of [
      [caller, target],
      [target, caller],
    ]) {
      one.on('error', () => other.destroy());
    }
  })
  .listen(from);
