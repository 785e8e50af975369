// An application on Node's http module: files with ranges, echoes, compression, events, WebSockets. Usage: server.mjs PORT FOLDER
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGzip, createBrotliCompress } from 'node:zlib';

const [port, folder] = process.argv.slice(2);

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://internal');
  response.sendDate = false;
  switch (pathname) {
    case '/echo':
      response.setHeader('Content-Type', request.headers['content-type'] ?? 'application/octet-stream');
      request.pipe(response);
      return;
    case '/count': {
      let n = 0;
      request.on('data', (piece) => { n += piece.length; });
      request.on('end', () => response.end(`${n}\n`));
      return;
    }
    case '/early':
      // An answer before the body was read.
      response.writeHead(413, { 'Content-Length': 9, Connection: 'close' });
      response.end('too much\n');
      return;
    case '/nothing':
      response.writeHead(204).end();
      return;
    case '/moved':
      response.writeHead(302, { Location: '/small.txt', 'Content-Length': 0 }).end();
      return;
    case '/cookies':
      response.writeHead(200, { 'Set-Cookie': ['a=1; Path=/', 'b=2; HttpOnly'], 'Content-Length': 0 }).end();
      return;
    case '/trailers':
      if (request.method === 'HEAD') {
        response.writeHead(200).end();
        return;
      }
      response.writeHead(200, { Trailer: 'X-Sum' });
      response.write('summed');
      response.addTrailers({ 'X-Sum': '6' });
      response.end();
      return;
    case '/gzip':
    case '/br': {
      const packed = pathname === '/gzip' ? createGzip() : createBrotliCompress();
      response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Encoding': pathname.slice(1), Vary: 'Accept-Encoding' });
      createReadStream(`${folder}/page.html`).pipe(packed).pipe(response);
      return;
    }
    case '/events':
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      for (let n = 0; n < 5; n += 1) response.write(`id: ${n}\ndata: event ${n}\n\n`);
      response.end();
      return;
    default:
      file(pathname, request, response);
  }
});

function file(pathname, request, response) {
  let size;
  try {
    const found = statSync(`${folder}${pathname}`);
    if (!found.isFile()) throw new Error('no file');
    size = found.size;
  } catch {
    response.writeHead(404, { 'Content-Type': 'text/plain' });
    response.end('nothing here\n');
    return;
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  if (range && start >= size) {
    response.writeHead(416, { 'Content-Range': `bytes */${size}`, 'Content-Length': 0 }).end();
    return;
  }
  const more = range ? { 'Content-Range': `bytes ${start}-${end}/${size}` } : {};
  response.writeHead(range ? 206 : 200, { 'Content-Length': end - start + 1, 'Accept-Ranges': 'bytes', ...more });
  if (request.method === 'HEAD' || size === 0) response.end();
  else createReadStream(`${folder}${pathname}`, { start, end }).pipe(response);
}

// A WebSocket that sends every byte back as it came, but for the mask.
server.on('upgrade', (request, socket, head) => {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  let buffered = head;
  const take = (bytes) => {
    buffered = Buffer.concat([buffered, bytes]);
    for (;;) {
      if (buffered.length < 2) return;
      const short = buffered[1] & 0x7f;
      const at = { 126: 4, 127: 10 }[short] ?? 2;
      if (buffered.length < at) return;
      const length = at === 2 ? short : at === 4 ? buffered.readUInt16BE(2) : Number(buffered.readBigUInt64BE(2));
      if (buffered.length < at + 4 + length) return;
      const mask = buffered.subarray(at, at + 4);
      const payload = Buffer.from(buffered.subarray(at + 4, at + 4 + length)).map((b, ix) => b ^ mask[ix % 4]);
      socket.write(Buffer.concat([buffered.subarray(0, 1), Buffer.from([buffered[1] & 0x7f]), buffered.subarray(2, at), payload]));
      if ((buffered[0] & 0x0f) === 8) { socket.end(); return; }
      buffered = buffered.subarray(at + 4 + length);
    }
  };
  take(Buffer.alloc(0));
  socket.on('data', take);
  socket.on('error', () => {});
});

process.on('SIGTERM', () => process.exit(0));
server.listen(Number(port), '127.0.0.1');
