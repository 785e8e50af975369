// Every page that a guest can meet, in every language: axe-core finds nothing, it weighs little, it asks nobody else for anything, and
// nothing hangs over on a phone. Wants in the environment: GUESTGATE (the binary), CONFIG, OUTBOX, PORT, SIZE (`ci`: the languages take turns,
// page by page; `full`: every page in every language), HOST_RULES.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { check, code, open, shot, totp } from './kit.mjs';

const { GUESTGATE, CONFIG, OUTBOX, PORT, SIZE } = process.env;
const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pl', 'ar'];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const HEAVIEST = 50_000;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const at = (host, path) => `https://${host}.example.test:${PORT}${path}`;
const portal = (path) => at('access', path);
const guestgate = (...args) => execFileSync(GUESTGATE, [...args, '--config', CONFIG], { encoding: 'utf8' });
const json = (...args) => JSON.parse(guestgate(...args, '--json'));
const { browser, person } = await open();
const problems = [];
let looked = 0;

// One tour through all pages, in this language or, without one, in the next language on each page.
async function tour(language) {
  const shown = language ?? 'turns';
  const guest = `ann.${shown}@partner.example`;
  const context = await person({ colorScheme: 'light' });
  const page = await context.newPage();
  let turn = 0;
  let weight = 0;
  page.on('response', async (response) => {
    const { hostname } = new URL(response.url());
    if (!hostname.endsWith('.example.test')) problems.push(`${shown}: a page asks ${hostname}`);
    weight += (await response.body().catch(() => '')).length;
  });
  const from = `198.51.${LANGUAGES.indexOf(language) + 1}.7`;
  const next = () => page.setExtraHTTPHeaders({ 'accept-language': language ?? LANGUAGES[turn++ % LANGUAGES.length], 'x-forwarded-for': from });

  // Comes to a page and looks at it on a phone by day and on a desk by night.
  async function see(name, come) {
    await next();
    weight = 0;
    await come();
    await page.waitForSelector('h1');
    // A page that goes on or looks again by itself stays while it is looked at.
    const stay = (route) => (route.request().isNavigationRequest() ? route.abort('aborted') : route.continue());
    await page.route('**/*', stay);
    const spoken = await page.evaluate(() => document.documentElement.lang);
    if (language && spoken !== language) problems.push(`${shown} ${name}: it speaks ${spoken}`);
    if (weight > HEAVIEST) problems.push(`${shown} ${name}: it weighs ${weight} bytes`);
    for (const [width, height, colorScheme] of [[360, 740, 'light'], [1280, 800, 'dark']]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height });
      await page.evaluate(`${axe}; undefined`);
      const { violations } = await page.evaluate((values) => axe.run(document, { runOnly: { type: 'tag', values } }), RULES);
      for (const { id, nodes } of violations) {
        problems.push(`${spoken} ${name} ${width}: ${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ').slice(0, 600)}`);
      }
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (over > 0) problems.push(`${spoken} ${name} ${width}: it hangs over by ${over} pixels`);
      await shot(page, `page-${name}-${spoken}-${width}`);
    }
    await page.unroute('**/*', stay);
    looked += 1;
  }
  const press = (selector) => Promise.all([page.waitForNavigation(), page.locator(selector).first().click()]);
  const invite = (email, ...more) => json('invite', email, '--app', 'charts', '--no-send', '--message', 'Welcome to the project.', ...more);
  // Sends a form although the browser itself would not.
  const insist = async (selector) => {
    await page.evaluate((button) => { document.querySelector(button).form.noValidate = true; }, selector);
    await press(selector);
  };
  const codes = [];
  const newest = async (to) => codes[codes.push(await code(OUTBOX, to, codes)) - 1];

  // Signing up, until somebody decides.
  async function signUp(email) {
    await see('signup', () => page.goto(portal('/signup/gallery')));
    await see('signup-wrong', async () => {
      await page.fill('input[name=email]', 'nobody');
      await insist('form[action="/signup/gallery"] button');
    });
    await see('signup-code', async () => {
      await page.fill('input[name=email]', email);
      await press('form[action="/signup/gallery"] button');
    });
    await see('signup-form', async () => {
      await page.fill('input[name=code]', await newest(email));
      await press('form:has(input[name=code]) button');
    });
    await see('signup-form-wrong', () => insist('form[action$="/form"] button'));
    await page.fill('input[name=name]', 'Ann Example');
    await page.fill('input[name=clinic]', 'North clinic');
    await page.selectOption('select[name=ward]', 'north');
    await page.check('input[name=rules]');
    await see('signup-waiting', () => press('form[action$="/form"] button'));
    const { items } = json('requests', 'list', '--state', 'open', '--guest', email);
    guestgate('requests', 'deny', items[0].id, '--message', 'Not this year.');
    await see('signup-denied', () => page.reload());
  }

  // What an app asks for, one step after another.
  async function steps() {
    await see('terms', () => page.goto(at('lab', '/deep?link=1')));
    await see('terms-unticked', () => insist('form[action="/terms/rules"] button'));
    await page.check('input[name=accept]');
    await see('justify', () => press('form[action="/terms/rules"] button'));
    await page.fill('textarea[name=reason]', 'x');
    await see('justify-wrong', () => insist('form[action="/justify"] button'));
    await page.fill('textarea[name=reason]', 'The audit of the year');
    await see('approval', () => press('form[action="/justify"] button'));
    await page.fill('textarea[name=reason]', 'Please let me in');
    await see('approval-waiting', () => press('form[action="/approval"] button'));
    const { items } = json('requests', 'list', '--state', 'open', '--guest', guest, '--app', 'lab');
    guestgate('requests', 'approve', items[0].id);
    // The page that waits goes on by itself.
    await page.waitForURL(at('lab', '/deep?link=1'));
    await see('step-add', () => page.goto(at('vault', '/')));
    await see('step-add-other', () => press('a[href*="not="]'));
  }

  let key = '';
  // Factors, on the account and as a step.
  async function factors() {
    await see('add-passkey', () => page.goto(portal('/account/passkeys/new')));
    await see('add-authenticator', () => page.goto(portal('/account/authenticator/new')));
    key = await page.locator('code.key').innerText();
    await page.fill('input[name=code]', '000000');
    await see('add-authenticator-wrong', () => press('form[action="/account/authenticator"] button'));
    await page.fill('input[name=code]', totp(key));
    await press('form[action="/account/authenticator"] button');
    await see('recovery-codes', async () => {
      await page.goto(portal('/account'));
      await press('form[action="/account/recovery-codes"] button');
    });
    await see('account-factors', () => page.goto(portal('/account')));
    await press('form[action="/signout"] button');
    await page.goto(at('vault', '/'));
    await page.fill('input[name=email]', guest);
    await press('form:has(input[name=email]) button');
    await page.fill('input[name=code]', await newest(guest));
    await press('form[action="/signin/code"] button');
    await page.waitForSelector('form[action="/signin/totp"]');
    await see('step-totp', () => page.reload());
    await page.fill('input[name=code]', '000000');
    await see('step-totp-wrong', () => press('form[action="/signin/totp"] button'));
    await see('step-recovery', () => press('a[href*="not="]'));
    await see('confirm', () => page.goto(portal('/account/confirm?way=account')));
  }

  await see('signin', () => page.goto(portal('/signin')));
  await see('signin-wrong', async () => {
    await page.evaluate(() => { document.querySelector('input[name=email]').form.noValidate = true; });
    await page.fill('input[name=email]', 'nobody');
    await press('form[action="/signin"] button');
  });
  await see('code', async () => {
    await page.fill('input[name=email]', 'stranger@partner.example');
    await press('form[action="/signin"] button');
  });
  await see('code-wrong', async () => {
    await page.fill('input[name=code]', '00000000');
    await press('form[action="/signin/code"] button');
  });
  await see('cross-site', async () => {
    await page.goto(portal('/signin'));
    await page.evaluate(() => { document.querySelector('form[action="/signin"] input[name=token]').value = 'x'; });
    await page.fill('input[name=email]', guest);
    await press('form[action="/signin"] button');
  });
  await signUp(`new.${shown}@partner.example`);
  await see('not-found', () => page.goto(portal('/nothing')));
  await see('gone', () => page.goto(portal('/invitations/never-was')));
  const { id, redeem_url: withdrawn } = invite(`withdrawn.${shown}@partner.example`);
  guestgate('invitations', 'revoke', id);
  await see('revoked', () => page.goto(withdrawn));
  const { redeem_url: brief } = invite(`brief.${shown}@partner.example`, '--expires-in', '1s');
  await page.waitForTimeout(1_100);
  await see('expired', () => page.goto(brief));
  const { redeem_url: unwanted } = invite(`unwanted.${shown}@partner.example`);
  await see('declined', async () => {
    await page.goto(unwanted);
    await press('form[action$="/decline"] button');
  });
  const { redeem_url: abused } = invite(`abused.${shown}@partner.example`);
  await see('reported', async () => {
    await page.goto(abused);
    await press('form[action$="/report"] button');
  });
  const { redeem_url: link } = invite(guest);
  await see('invitation', () => page.goto(link));
  await see('invitation-code', () => press('form[action*="/invitations/"] button'));
  await see('offer', async () => {
    await page.fill('input[name=code]', await newest(guest));
    await press('form[action="/signin/code"] button');
  });
  await page.locator('#later').click();
  await page.waitForURL(at('charts', '/**'));
  await see('accepted-before', () => page.goto(link));
  await see('home', () => page.goto(portal('/')));
  await see('account', () => page.goto(portal('/account')));
  await see('wish-time', () => page.goto(portal('/apps/charts/request')));
  await page.fill('textarea[name=reason]', 'x');
  await see('wish-wrong', () => insist('form[action$="/request"] button'));
  await see('wish-access', () => page.goto(portal('/apps/gallery/request')));
  await page.fill('textarea[name=reason]', 'The audit of the year');
  await see('wish-waiting', () => press('form[action$="/request"] button'));
  await see('decide-sign-in', () => page.goto(portal('/requests/AAAAAAAAAAAAAAAAAAAAAA')));
  for (const app of ['lab', 'vault']) guestgate('grants', 'add', guest, '--app', app);
  await see('home-needs', () => page.goto(portal('/')));
  await steps();
  await factors();
  const { redeem_url: others } = invite(`others.${shown}@partner.example`);
  await see('other-person', () => page.goto(others));
  await see('bad-gateway', () => page.goto(at('charts', '/')));
  await see('no-grant', () => page.goto(at('wiki', '/')));
  await see('blocked', () => page.goto(at('charts', '/closed')));
  await see('need', async () => {
    await context.clearCookies({ domain: 'charts.example.test' });
    await page.goto('about:blank');
    await page.setContent(`<form method="post" action="${at('charts', '/save')}"><button>go</button></form>`);
    await press('button');
  });
  await see('terms-kept', async () => {
    await page.goto(portal('/account'));
    await press('a[href^="/account/terms/"]');
  });
  // A page of its own: whoever comes to one page again and again is told that something is wrong.
  await page.goto(at('charts', '/later'));
  guestgate('guests', 'suspend', guest);
  await see('suspended', () => page.goto(at('charts', '/later')));
  guestgate('guests', 'resume', guest);
  await context.clearCookies();
  await page.goto(at('charts', '/again'));
  await page.fill('input[name=email]', guest);
  await press('form:has(input[name=email]) button');
  await page.fill('input[name=code]', await newest(guest));
  await see('continue', async () => {
    await page.route(at('charts', '/**'), (route) => route.abort('aborted'));
    await press('form[action="/signin/code"] button');
  });
  await page.unroute(at('charts', '/**'));
  await see('leave', () => page.goto(portal('/account/leave')));
  await see('leave-confirm', () => press('form[action="/account/leave"] button'));
  // A code counts once; the next one counts already.
  await page.fill('input[name=code]', totp(key, 1));
  await press('form[action="/signin/totp"] button');
  await see('left', async () => {
    await page.goto(portal('/account/leave'));
    await press('form[action="/account/leave"] button');
  });
  await context.close();
}

try {
  if (SIZE === 'full') {
    for (const language of LANGUAGES) await tour(language);
  } else {
    await tour();
  }
  check(problems.length === 0, `nothing is wrong with any page:\n${problems.join('\n')}`);
  console.log(`ok ${looked} pages were looked at`);
} catch (error) {
  console.error(problems.join('\n'));
  throw error;
} finally {
  await browser.close();
}
