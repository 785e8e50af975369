// A real third-party application behind the gateway: log in, edit, upload, download, all through it.
// Wants in the environment: LINK (a direct invitation), WIKI (the app's URL), OUTBOX, EMAIL.
import { writeFileSync, readFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { check, mail, open, shot } from './kit.mjs';

const { LINK, WIKI, OUTBOX, EMAIL } = process.env;
const { browser, person } = await open();
try {
  const ann = await (await person()).newPage();
  await ann.goto(LINK);
  await ann.locator('form[action*="/invitations/"] button').first().click();
  const code = (await mail(OUTBOX, EMAIL, (text) => /^\s*\d{4}\s?\d{4}\s*$/m.test(text))).match(/^\s*(\d{4})\s?(\d{4})\s*$/m);
  await ann.fill('input[name=code]', code[1] + code[2]);
  await ann.locator('form:has(input[name=code]) button').first().click();
  await ann.locator('#later').click();
  await ann.waitForURL(`${WIKI}/**`);
  await shot(ann, 'dokuwiki-start');
  check((await ann.title()).includes('Clinic handbook'), 'the invitation leads into the wiki');

  await ann.goto(`${WIKI}/doku.php?id=start&do=login`);
  await ann.fill('input[name=u]', 'ann');
  await ann.fill('input[name=p]', 'wiki-secret');
  await ann.locator('#dw__login button[type=submit]').click();
  await ann.waitForLoadState();
  check(await ann.getByText('Ann Lee').first().isVisible(), "the wiki's own log-in works");

  await ann.goto(`${WIKI}/doku.php?id=ward:rounds&do=edit`);
  const words = `Rounds at seven. ${'x'.repeat(20_000)} Ünïcödé & <b>more</b>`;
  await ann.fill('textarea[name=wikitext]', words);
  await ann.locator('#edbtn__save').click();
  await ann.waitForLoadState();
  await shot(ann, 'dokuwiki-page');
  check((await ann.locator('.page').innerText()).includes('Rounds at seven.'), 'a page is edited and shown');
  // By the page's own fetch: the names of the test are known to the browser alone.
  const fetched = (url) => ann.evaluate(async (at) => {
    const answer = await fetch(at);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    let text = '';
    for (let n = 0; n < bytes.length; n += 8192) text += String.fromCharCode(...bytes.subarray(n, n + 8192));
    return { status: answer.status, body: btoa(text) };
  }, url).then(({ status, body }) => ({ status, body: Buffer.from(body, 'base64') }));
  const raw = await fetched(`${WIKI}/doku.php?id=ward:rounds&do=export_raw`);
  check(raw.body.toString('utf8') === words, 'what was saved is what comes back, byte for byte');

  const folder = mkdtempSync(`${tmpdir()}/upload-`);
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  const large = Buffer.concat([png, Buffer.alloc(3 * 1024 * 1024, 7)]);
  writeFileSync(`${folder}/chart.png`, large);
  await ann.goto(`${WIKI}/lib/exe/mediamanager.php?ns=ward`);
  await ann.setInputFiles('input[type=file]', `${folder}/chart.png`);
  const send = ann.locator('.qq-upload-action, #mediamanager__btn_start, #dw__upload button[type=submit]').first();
  await send.click();
  await ann.waitForFunction(() => document.body.innerText.includes('chart.png'));
  await shot(ann, 'dokuwiki-upload');
  const back = await fetched(`${WIKI}/lib/exe/fetch.php?media=ward:chart.png`);
  check(back.status === 200, 'the upload can be downloaded');
  check(Buffer.compare(back.body, large) === 0, 'and comes back byte for byte');
} finally {
  await browser.close();
}
