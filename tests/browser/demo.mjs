// The guest's way in the demo: from the printed link to a page of the old application; blocked by a policy; suspended while a socket is open.
// Wants in the environment: LINK (the printed invitation), PORT, SUSPEND (a command that suspends the guest).
import { execSync } from 'node:child_process';
import { check, open, shot } from './kit.mjs';

const { LINK, PORT, SUSPEND } = process.env;
const url = (host, path) => `https://${host}.localhost:${PORT}${path}`;
const { browser, person } = await open();

async function way(name, viewport) {
  const context = await person({ viewport });
  const ann = await context.newPage();
  const errors = [];
  ann.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await ann.goto(LINK);
  await shot(ann, `${name}-1-invitation`);
  await ann.locator('form[action*="/invitations/"] button').first().click();
  await ann.waitForSelector('input[name=code]');
  await shot(ann, `${name}-2-code`);
  const box = await context.newPage();
  let digits;
  for (let n = 0; n < 100 && !digits; n += 1) {
    await box.goto(url('mail', '/'));
    const first = box.locator('li a').first();
    if (await first.count()) {
      await first.click();
      digits = (await box.locator('pre').innerText()).match(/^\s*(\d{4})\s?(\d{4})\s*$/m);
    }
  }
  check(digits, 'the code is in the mailbox');
  await shot(box, `${name}-3-mail`);
  await ann.fill('input[name=code]', digits[1] + digits[2]);
  await ann.locator('form:has(input[name=code]) button').first().click();
  await ann.locator('#later').click();
  await ann.waitForURL(url('access', '/'));
  await shot(ann, `${name}-4-accepted`);
  await ann.getByRole('link', { name: 'Ordering', exact: true }).click();
  await ann.waitForURL(url('orders', '/**')).catch(async (error) => {
    await shot(ann, `${name}-stuck`);
    throw error;
  });
  await shot(ann, `${name}-5-app`);
  check((await ann.locator('h1').innerText()) === 'Open orders', 'the way ends in the old application');
  await ann.waitForFunction(() => document.querySelector('#live')?.textContent === 'running');
  check(true, 'its WebSocket runs');
  check(errors.length === 0, `no page complains: ${errors.join('; ')}`);
  return { context, ann };
}

try {
  const { context, ann } = await way('wide', { width: 1280, height: 800 });
  await ann.locator('a[href="/orders/1042"]').click();
  await ann.waitForURL(url('orders', '/orders/1042'));
  await ann.fill('input[name=pieces]', '77');
  const [answer] = await Promise.all([ann.waitForNavigation(), ann.locator('form button').first().click()]);
  await shot(ann, 'wide-6-blocked-write');
  check(answer.status() === 403, 'a reader cannot write');
  check((await ann.locator('body').innerText()).length > 80, 'and the page says why');
  await ann.goto(url('orders', '/admin/prices'));
  await shot(ann, 'wide-7-blocked-admin');
  check((await ann.locator('body').innerText()).toLowerCase().includes('office'), 'prices are for the office network, and the page says so');

  const portal = await context.newPage();
  await portal.goto(url('access', '/'));
  await shot(portal, 'wide-7-my-apps');
  await portal.goto(url('access', '/account'));
  await shot(portal, 'wide-8-account');
  await portal.setViewportSize({ width: 360, height: 740 });
  await portal.goto(url('access', '/'));
  await shot(portal, 'narrow-7-my-apps');
  check(await portal.evaluate(() => document.documentElement.scrollWidth <= 360), 'nothing hangs over on a phone');
  await portal.goto(url('access', '/account'));
  await shot(portal, 'narrow-8-account');
  check(await portal.evaluate(() => document.documentElement.scrollWidth <= 360), 'nor on the account page');

  const fresh = await (await person({ viewport: { width: 360, height: 740 } })).newPage();
  await fresh.goto(url('orders', '/orders'));
  await shot(fresh, 'narrow-1-signin');
  check(fresh.url().startsWith(url('access', '/signin')), 'a stranger is sent to sign in');

  await ann.goto(url('orders', '/orders'));
  await ann.waitForFunction(() => document.querySelector('#live')?.textContent === 'running');
  execSync(SUSPEND);
  const since = Date.now();
  await ann.waitForFunction(() => document.querySelector('#live')?.textContent.startsWith('closed'));
  check(Date.now() - since < 1500, `the open WebSocket is closed ${Date.now() - since} ms after the suspension`);
  check((await ann.locator('#live').innerText()).includes('1008'), 'with the code for policy');
  const refused = await ann.goto(url('orders', '/orders'));
  await shot(ann, 'wide-9-suspended');
  check(refused.status() === 403, 'the next request is refused');
} finally {
  await browser.close();
}
