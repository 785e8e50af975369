// The owner's day: a passkey by the link that `init` has printed, an invitation, a request that is granted, why a guest was blocked, more time,
// the end of it; in a wide window and on a phone. Every page is looked at by axe-core, and nothing hangs over.
// Wants in the environment: LINKS (one-time links of two owners, separated by a space), PORTAL and APP (origins), OUTBOX, CERT, HOST_RULES.
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { LINKS, PORTAL, APP, OUTBOX, CERT } = process.env;
// Browsers offer passkeys to nobody whom they do not trust: a certificate that is only waved through would not do.
const key = new X509Certificate(readFileSync(CERT)).publicKey.export({ type: 'spki', format: 'der' });
process.env.TRUSTED_KEY = createHash('sha256').update(key).digest('base64');
const { check, code, mail, open, shot } = await import('./kit.mjs');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const { browser, person } = await open({ ignoreHTTPSErrors: false });
const problems = [];

async function day(name, viewport, link) {
  const guest = `ann.${name}@partner.example`;
  const context = await person({ viewport });
  // A browser that offers the passkey in the address field would sign in before anybody has pressed the button.
  await context.addInitScript(() => { if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = undefined; });
  const lee = await context.newPage();
  lee.on('pageerror', (error) => problems.push(`${name}: ${error}`));
  const devices = await context.newCDPSession(lee);
  await devices.send('WebAuthn.enable');
  await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  // Looks at the page by day and by night.
  const look = async (step) => {
    await lee.waitForSelector('h1');
    for (const colorScheme of ['light', 'dark']) {
      await lee.emulateMedia({ colorScheme });
      await lee.evaluate(`${axe}; undefined`);
      const { violations } = await lee.evaluate((values) => axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
      for (const { id, nodes } of violations) {
        problems.push(`${name} ${step} ${colorScheme}: ${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ').slice(0, 600)}`);
      }
    }
    await lee.emulateMedia({ colorScheme: 'light' });
    const over = await lee.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (over > 0) problems.push(`${name} ${step}: it hangs over by ${over} pixels`);
    await shot(lee, `admin-${name}-${step}`);
  };
  const press = (selector) => Promise.all([lee.waitForNavigation(), lee.locator(selector).first().click()]);

  // In by the link, out, and in by the passkey.
  await lee.goto(link);
  await look('01-enrol');
  await lee.locator('form[data-question] button').click();
  await lee.waitForURL(`${PORTAL}/admin`);
  await look('02-overview-empty');
  await lee.goto(link);
  check((await lee.locator('h1').innerText()).includes('does not work any more'), `${name}: the link works once`);
  await lee.goto(`${PORTAL}/account`);
  await press('form[action="/signout"] button');
  await lee.goto(`${PORTAL}/admin`);
  check(lee.url().startsWith(`${PORTAL}/signin`), `${name}: without a session there is only the sign-in`);
  await lee.locator('form[data-action="sign-in"] button').click();
  await lee.waitForURL(`${PORTAL}/admin`);

  // Invites, and the guest comes.
  await lee.goto(`${PORTAL}/admin/invitations/new`);
  await look('03-invite');
  await lee.fill('#email', guest);
  await lee.fill('#name', 'Ann Example');
  await lee.selectOption('#app', 'charts');
  await lee.fill('#message', 'Welcome to the project.');
  await press('form[action="/admin/invitations/new"] button');
  await look('04-invitation');
  check((await lee.locator('[role=status]').innerText()).includes('on its way'), `${name}: the invitation is on its way`);
  const letter = await mail(OUTBOX, guest, (text) => text.includes('/invitations/'));
  const way = letter.match(/https:\/\/access\.example\.test:\d+\/invitations\/[A-Za-z0-9_-]+/)[0];
  const hers = await person({ viewport });
  const ann = await hers.newPage();
  await ann.goto(way);
  await ann.locator('form[action*="/invitations/"] button').first().click();
  await ann.locator('#later').click();
  await ann.waitForURL(`${APP}/**`);
  const closed = await ann.goto(`${APP}/closed/plans`);
  check(closed.status() === 403, `${name}: a policy blocks the guest`);
  check((await ann.goto(`${PORTAL}/admin`)).status() === 404, `${name}: a guest finds nothing at all`);
  await ann.goto(`${PORTAL}/apps/gallery/request`);
  await ann.fill('textarea[name=reason]', 'The audit of the year');
  await Promise.all([ann.waitForNavigation(), ann.locator('form[action$="/request"] button').click()]);

  // What waits is decided.
  await lee.goto(`${PORTAL}/admin`);
  await look('05-overview');
  await lee.goto(`${PORTAL}/admin/requests?app=gallery`);
  await look('06-requests');
  await press(`.rows a:has-text("${guest}")`);
  await look('07-request');
  await press('form:has(input[value=approve]) button');
  check((await lee.locator('.facts').innerText()).includes('granted'), `${name}: the request is granted`);

  // Why was she blocked?
  await lee.goto(`${PORTAL}/admin/guests?app=charts&q=${encodeURIComponent(guest.slice(0, 6))}`);
  await look('08-search');
  await press(`.rows a:has-text("${guest}")`);
  await look('09-guest');
  const story = await lee.locator('main').innerText();
  check(story.includes('blocked by closed') && story.includes('GET /closed/plans'), `${name}: the page says which policy blocked what`);
  const own = lee.url().split('?')[0];
  await lee.goto(`${PORTAL}/admin/what-if?app=charts&guest=${encodeURIComponent(guest)}`);
  await lee.fill('#request', 'GET /closed/plans');
  await press('form[action="/admin/what-if"] button');
  await look('10-what-if');
  check((await lee.locator('main').innerText()).includes('By: closed'), `${name}: what-if says the same`);
  await lee.goto(`${PORTAL}/admin/apps`);
  await look('11-apps');
  await lee.goto(`${PORTAL}/admin/apps/charts`);
  await look('12-app');

  // Is it still needed? One is asked on a wide page and kept, the other on a phone, taken away and brought back.
  const reviewed = name === 'wide' ? 'gallery' : 'charts';
  await lee.goto(`${PORTAL}/admin/reviews`);
  await look('20-reviews');
  await lee.locator('summary:has-text("Begin a review")').click();
  await lee.selectOption('#app', reviewed);
  await press('form[action="/admin/reviews"] button');
  const review = lee.url().split('?')[0];
  const asked = await mail(OUTBOX, 'dr.lee@example.test', (text) => text.includes(new URL(review).pathname)).catch(() => '');
  check(asked !== '', `${name}: the owner is told where to answer`);
  await look('21-review');
  const row = lee.locator(`.rows li:has-text("${guest}")`);
  if (name === 'wide') {
    await Promise.all([lee.waitForNavigation(), row.locator('button:has-text("Keep")').click()]);
    check((await lee.locator('main').innerText()).includes('1 of 1 answered'), `${name}: the access is kept`);
  } else {
    await Promise.all([lee.waitForNavigation(), row.locator('button:has-text("Take away")').click()]);
    check((await ann.goto(`${APP}/afterwards`)).status() === 403, `${name}: what is taken away ends at once`);
    await look('22-review-answered');
    await lee.goto(own);
    await press('form[action$="/restore"] button');
    check((await lee.locator('[role=status]').innerText()).includes('is back'), `${name}: the access is brought back`);
    check((await ann.goto(`${APP}/again`)).status() !== 403, `${name}: and lets in`);
  }
  await lee.goto(review);
  await look('23-review-later');

  // More time, a pause, and the end; each can be seen, and taken back.
  await lee.goto(own);
  await press('form[action$="/extend"] button');
  check((await lee.locator('[role=status]').innerText()).includes('lasts longer'), `${name}: the access lasts longer`);
  await lee.locator('summary:has-text("Suspend")').click();
  await lee.fill('[id="reason-suspend"]', 'On leave');
  await look('13-suspend');
  await press('form[action$="/suspend"] button');
  await look('14-suspended');
  check((await ann.goto(`${APP}/again`)).status() === 403, `${name}: the guest is refused at once`);
  await press('form[action$="/resume"] button');
  await lee.locator('summary:has-text("Remove")').click();
  await press('form[action$="/remove"] button');
  await look('15-removed');
  await ann.goto(`${APP}/later`);
  check(ann.url().startsWith(PORTAL), `${name}: a removed guest is out`);
  await lee.goto(`${PORTAL}/admin/invitations?app=charts&state=redeemed`);
  await look('16-invitations');
  await lee.goto(`${PORTAL}/admin/invitations/bulk`);
  await lee.fill('#people', `bob.${name}@partner.example, Bob\ncy.${name}@partner.example\nnobody`);
  await look('17-bulk');
  await press('form[action="/admin/invitations/bulk"] button');
  await look('18-bulk-preview');
  await press('form[action="/admin/invitations/bulk"] button');
  await look('19-bulk-report');
  check((await lee.locator('[role=status]').innerText()).includes('2 invitations'), `${name}: two of three lines are invited`);
  for (const path of ['/admin/audit', '/admin/members', '/admin/tokens', '/admin/apps/vault']) {
    check((await lee.goto(PORTAL + path)).status() === 404, `${name}: an owner finds nothing at ${path}`);
  }
  await hers.close();
  await context.close();
}

async function administrator(link) {
  const context = await person();
  const ops = await context.newPage();
  const devices = await context.newCDPSession(ops);
  await devices.send('WebAuthn.enable');
  await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await ops.goto(link);
  await ops.locator('form[data-question] button').click();
  await ops.waitForURL(`${PORTAL}/admin`);
  for (const [width, height] of [[1280, 800], [360, 740]]) {
    await ops.setViewportSize({ width, height });
    for (const part of ['', '/guests', '/audit', '/members', '/reviews', '/tokens']) {
      await ops.goto(`${PORTAL}/admin${part}`);
      await ops.evaluate(`${axe}; undefined`);
      const { violations } = await ops.evaluate((values) => axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
      for (const { id, nodes } of violations) problems.push(`ops ${part} ${width}: ${id}: ${nodes.map((node) => node.target).join('; ')}`);
      const over = await ops.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (over > 0) problems.push(`ops ${part} ${width}: it hangs over by ${over} pixels`);
      await shot(ops, `admin-ops${part.replace('/', '-')}-${width}`);
    }
  }
  await context.close();
}

try {
  const [wide, narrow, ops] = LINKS.split(' ');
  await day('wide', { width: 1280, height: 800 }, wide);
  await day('narrow', { width: 360, height: 740 }, narrow);
  await administrator(ops);
  check(problems.length === 0, `nothing is wrong with any page:\n${problems.join('\n')}`);
} catch (error) {
  console.error(problems.join('\n'));
  throw error;
} finally {
  await browser.close();
}
