// An application that lives on a WebSocket, used through the gateway: Node-RED shows what its flows say as they say it.
// Wants in the environment: LINK (a direct invitation), APP (the app's URL), OUTBOX, EMAIL.
import { check, mail, open, shot } from './kit.mjs';

const { LINK, APP, OUTBOX, EMAIL } = process.env;
const { browser, person } = await open();
try {
  const ann = await (await person()).newPage();
  const frames = [];
  let sockets = 0;
  ann.on('websocket', (socket) => {
    sockets += 1;
    socket.on('framereceived', ({ payload }) => frames.push(String(payload)));
  });
  await ann.goto(LINK);
  await ann.locator('form[action*="/invitations/"] button').first().click();
  const code = (await mail(OUTBOX, EMAIL, (text) => /^\s*\d{4}\s?\d{4}\s*$/m.test(text))).match(/^\s*(\d{4})\s?(\d{4})\s*$/m);
  await ann.fill('input[name=code]', code[1] + code[2]);
  await ann.locator('form:has(input[name=code]) button').first().click();
  await ann.locator('#later').click();
  await ann.waitForURL(`${APP}/**`);
  await ann.waitForSelector('#red-ui-workspace', { state: 'visible', timeout: 60_000 });
  check(true, 'the editor is there');

  // A flow that speaks once when it is deployed.
  const deployed = await ann.evaluate(async () => {
    const flow = [
      { id: 'tab1', type: 'tab', label: 'Test' },
      { id: 'in1', type: 'inject', z: 'tab1', name: '', props: [{ p: 'payload' }], payload: 'words over a socket', payloadType: 'str', once: true, onceDelay: 1, wires: [['out1']] },
      { id: 'out1', type: 'debug', z: 'tab1', name: 'shown', active: true, tosidebar: true, complete: 'payload', targetType: 'msg', wires: [] },
    ];
    const answer = await fetch('/flows', { method: 'POST', headers: { 'Content-Type': 'application/json', 'Node-RED-Deployment-Type': 'full' }, body: JSON.stringify(flow) });
    return answer.status;
  });
  check(deployed === 204, `a flow is deployed (${deployed})`);
  const end = Date.now() + 30_000;
  while (!frames.some((frame) => frame.includes('words over a socket'))) {
    if (Date.now() > end) throw new Error(`nothing came over the socket: ${frames.slice(-5)}`);
    await new Promise((next) => setTimeout(next, 50));
  }
  check(sockets >= 1, 'what it says comes over a WebSocket');
  await shot(ann, 'node-red');
} finally {
  await browser.close();
}
