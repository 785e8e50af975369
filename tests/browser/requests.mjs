// From a sign-up to the application: an address is proved, a form answered, an owner decides, the invitation is accepted, terms are accepted, and the
// application opens; once on a wide window and once on a phone, without script.
// Wants in the environment: PORTAL and APP (origins), UPSTREAM (a port that the application is to listen on), OUTBOX, GUESTGATE (the program), CONFIG.
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { check, mail, open, shot } from './kit.mjs';

const { PORTAL, APP, UPSTREAM, OUTBOX, GUESTGATE, CONFIG } = process.env;
const application = createServer((request, response) => {
  response.setHeader('content-type', 'text/html');
  response.end(`<!DOCTYPE html><html lang="en"><title>The old wiki</title><h1>Welcome, ${request.headers['x-forwarded-email']}</h1><p>${request.url}</p>`);
}).listen(Number(UPSTREAM), '127.0.0.1');
const gate = (...args) => JSON.parse(execFileSync(GUESTGATE, [...args, '--json', '--config', CONFIG], { encoding: 'utf8' }));
const { browser, person } = await open({ javaScriptEnabled: false });

// The page must not be wider than the window.
const fits = async (page, name) => {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]).catch(() => [0, 0]);
  check(wide <= window, `${name} fits the window (${wide} of ${window})`);
};

async function way(name, viewport, email) {
  const context = await person({ viewport });
  const ann = await context.newPage();
  const seen = async (what) => {
    await shot(ann, `requests-${name}-${what}`);
    await fits(ann, `${name} ${what}`);
  };
  await ann.goto(`${PORTAL}/signup/wiki`);
  await seen('1-signup');
  await ann.fill('input[name=email]', email);
  await ann.locator('form[action="/signup/wiki"] button').click();
  const code = (await mail(OUTBOX, email, (text) => /^\s*(\d{4})\s?(\d{4})\s*$/m.test(text))).match(/^\s*(\d{4})\s?(\d{4})\s*$/m);
  await ann.fill('input[name=code]', code[1] + code[2]);
  await ann.locator('form:has(input[name=code]) button').first().click();
  await ann.waitForSelector('select[name=ward]');
  await seen('2-form');
  await ann.fill('input[name=name]', 'Ann Example');
  await ann.fill('input[name=clinic]', 'x');
  await ann.check('input[name=rules]');
  await ann.locator('form[action$="/form"] button').click();
  check((await ann.locator('[aria-invalid=true]').count()) === 1, 'what is wrong is said beside its field');
  await seen('3-wrong');
  await ann.fill('input[name=clinic]', 'North clinic');
  await ann.selectOption('select[name=ward]', 'north');
  await ann.locator('form[action$="/form"] button').click();
  await ann.waitForURL('**/waiting?on=*');
  await seen('4-waiting');
  const request = gate('requests', 'list', '--state', 'open', '--guest', email).items[0];
  check(request.kind === 'sign-up' && request.answers.some((a) => a.value === 'North clinic'), 'the owners see what was answered');
  gate('requests', 'approve', request.id);
  await ann.getByRole('link', { name: 'Look now' }).click();
  check((await ann.locator('h1').innerText()) === 'Your request was granted', 'the page that waits goes on');
  await seen('5-granted');
  const link = (await mail(OUTBOX, email, (text) => text.includes('/invitations/'))).match(/https:\/\/\S+\/invitations\/[\w-]+/)[0];
  await ann.goto(link);
  await ann.locator('form[action*="/invitations/"] button').first().click();
  await ann.goto(`${APP}/page?deep=link`);
  await ann.waitForSelector('input[name=accept]');
  await seen('6-terms');
  await ann.check('input[name=accept]');
  await ann.locator('form:has(input[name=accept]) button').click();
  await ann.waitForSelector('textarea[name=reason]');
  await seen('7-reason');
  await ann.fill('textarea[name=reason]', 'I look up an order');
  await ann.locator('form:has(textarea) button').click();
  await ann.waitForURL(`${APP}/**`);
  check((await ann.locator('h1').innerText()) === `Welcome, ${email}`, 'the way ends in the application');
  check((await ann.locator('p').innerText()) === '/page?deep=link', 'at the page that was asked for');
  await ann.goto(`${PORTAL}/`);
  await seen('8-home');
  await ann.goto(`${PORTAL}/account`);
  await seen('9-account');
  await ann.goto(`${PORTAL}/apps/wiki/request`);
  await seen('10-more-time');
  await context.close();
}

try {
  await way('wide', { width: 1280, height: 800 }, 'ann@partner.example');
  await way('phone', { width: 360, height: 740 }, 'bob@partner.example');
} finally {
  await browser.close();
  application.close();
}
