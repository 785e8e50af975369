// One guest in several tabs at once: who asks for codes in two of them signs in by both, and the others go on without being asked again.
// In a wide window with script, and on a phone without: nothing but passkeys needs it.
// Wants in the environment: LINKS (direct invitations of two guests, separated by a space), EMAILS, APP, PORTAL, OUTBOX, HOST_RULES.
import { check, code, fits, open, shot, totp } from './kit.mjs';

const { LINKS, EMAILS, APP, PORTAL, OUTBOX } = process.env;
const { browser, person } = await open();

async function way(name, options, link, email) {
  const context = await person(options);
  const look = async (page, step) => {
    await shot(page, `tabs-${name}-${step}`);
    check(await fits(page, options.viewport.width), `${name}: nothing hangs over at ${step}`);
  };
  const codes = [];
  const next = async () => codes[codes.push(await code(OUTBOX, email, codes)) - 1];
  const type = async (page, typed, button) => {
    await page.fill('input[name=code]', typed);
    await page.locator(button).first().click();
  };
  const CODE = 'form[action="/signin/code"] button';

  const tab = await context.newPage();
  await tab.goto(link);
  await tab.locator('form[action*="/invitations/"] button').first().click();
  await type(tab, await next(), CODE);
  await tab.locator('#later').waitFor();
  const told = await tab.locator('[data-without-script]').isVisible();
  check(told === !options.javaScriptEnabled, `${name}: who cannot have a passkey here is told, and goes on`);
  await look(tab, '1-offer');
  await tab.locator('#later').click();
  await tab.waitForURL(`${APP}/`);
  await tab.goto(`${APP}/vault/1`);
  const secret = await tab.locator('code.key').innerText();
  await look(tab, '2-authenticator');
  await type(tab, totp(secret), 'form:has(input[name=code]) button');
  await tab.waitForURL(`${APP}/vault/1`);
  await tab.goto(`${PORTAL}/account`);
  await tab.getByRole('button', { name: 'Sign out everywhere' }).click();
  await tab.waitForURL(`${PORTAL}/signin`);

  const asked = ['/vault/2', '/orders/3', '/signed/4?x=1'];
  const tabs = [];
  for (const path of asked) {
    const page = await context.newPage();
    await page.goto(APP + path);
    check(page.url().startsWith(`${PORTAL}/signin?start=`), `${name}: ${path} asks who it is`);
    tabs.push(page);
  }
  const [vault, orders, signed] = tabs;
  const typed = [];
  for (const page of [vault, orders]) {
    await page.fill('input[name=email]', email);
    await page.locator('form[action="/signin"] button').first().click();
    await page.locator('input[name=code]').waitFor();
    typed.push(await next());
  }
  await type(orders, typed[1], CODE);
  await orders.waitForURL(APP + asked[1]);
  await type(vault, typed[0], CODE);
  await vault.locator('h1', { hasText: 'authenticator app' }).waitFor();
  await look(vault, '3-step');
  await type(vault, totp(secret, 1), 'form:has(input[name=code]) button');
  await vault.waitForURL(APP + asked[0]);
  check(true, `${name}: each tab comes by its own code to its own page`);
  await signed.reload();
  await signed.locator('input[name=accept]').waitFor();
  await look(signed, '4-terms');
  await signed.check('input[name=accept]');
  await signed.locator('form:has(input[name=accept]) button').click();
  await signed.waitForURL(APP + asked[2]);
  check(true, `${name}: the tab that waited is asked for the terms and for nothing else`);
  for (const [page, path] of [[orders, asked[1]], [vault, asked[0]]]) {
    await page.goto(APP + path);
    check(page.url() === APP + path, `${name}: and ${path} is still open`);
  }
  await context.close();
}

try {
  const [links, emails] = [LINKS.split(' '), EMAILS.split(' ')];
  await way('script', { viewport: { width: 1280, height: 800 }, javaScriptEnabled: true }, links[0], emails[0]);
  await way('plain', { viewport: { width: 360, height: 740 }, javaScriptEnabled: false }, links[1], emails[1]);
} finally {
  await browser.close();
}
