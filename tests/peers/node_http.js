// Reads requests as Node's HTTP server does, without sockets: one line of hexadecimal bytes in, one line of JSON out, which lists what its
// handler saw and whether the parser refused what came (then or later).
'use strict';
const http = require('http');
const readline = require('readline');
const { Duplex } = require('stream');

class Wire extends Duplex {
  constructor() { super({ allowHalfOpen: true }); }
  _read() {}
  _write(chunk, encoding, done) { done(); }
  setTimeout() { return this; }
  setNoDelay() { return this; }
  setKeepAlive() { return this; }
}

function ask(bytes) {
  return new Promise((resolve) => {
    const seen = [];
    let refused = null;
    const server = http.createServer({ insecureHTTPParser: false, requireHostHeader: true, keepAliveTimeout: 0 }, (request, response) => {
      const body = [];
      const one = { method: request.method, target: request.url, fields: request.rawHeaders, body: '', whole: false };
      seen.push(one);
      request.on('data', (chunk) => body.push(chunk));
      request.on('error', () => {});
      request.on('end', () => {
        one.body = Buffer.concat(body).toString('hex');
        one.whole = true;
        response.end();
      });
    });
    server.on('clientError', (error, socket) => { refused = error.code || 'error'; socket.destroy(); });
    const wire = new Wire();
    let told = false;
    const tell = () => {
      if (!told) {
        told = true;
        wire.destroy();
        resolve({ seen, refused });
      }
    };
    wire.on('close', tell);
    wire.on('error', () => {});
    server.emit('connection', wire);
    wire.push(bytes);
    // Everything that follows from the bytes happens within a few turns; what waits for more bytes waits for ever.
    let turns = 12;
    const turn = () => (--turns === 0 ? tell() : setImmediate(turn));
    setImmediate(turn);
  });
}

const lines = readline.createInterface({ input: process.stdin, crlfDelay: Infinity });
let last = Promise.resolve();
lines.on('line', (line) => {
  last = last.then(() => ask(Buffer.from(line, 'hex'))).then((told) => process.stdout.write(JSON.stringify(told) + '\n'));
});
