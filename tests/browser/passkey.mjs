// A guest's way without a password: invitation, code, passkey, app; a page that asks for an authenticator app; signing in again by passkey
// alone, and the app's code and terms of use for a page deep in the app. In a wide window and on a phone.
// Wants in the environment: LINKS (direct invitations of two guests, separated by a space), EMAILS, APP, PORTAL, OUTBOX, CERT, HOST_RULES.
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { LINKS, EMAILS, APP, PORTAL, OUTBOX, CERT } = process.env;
// A certificate that is only waved through would not do: browsers offer passkeys to nobody whom they do not trust.
const key = new X509Certificate(readFileSync(CERT)).publicKey.export({ type: 'spki', format: 'der' });
process.env.TRUSTED_KEY = createHash('sha256').update(key).digest('base64');
const { check, code, fits, mail, open, shot, totp } = await import('./kit.mjs');
const { browser, person } = await open({ ignoreHTTPSErrors: false });

async function way(name, viewport, link, email) {
  const context = await person({ viewport });
  const ann = await context.newPage();
  const errors = [];
  ann.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  ann.on('pageerror', (error) => errors.push(String(error)));
  const devices = await context.newCDPSession(ann);
  await devices.send('WebAuthn.enable');
  const { authenticatorId } = await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  const look = async (step) => {
    await shot(ann, `passkey-${name}-${step}`);
    check(await fits(ann, viewport.width), `${name}: nothing hangs over at ${step}`);
  };

  await ann.goto(link);
  await ann.locator('form[action*="/invitations/"] button').first().click();
  await ann.fill('input[name=code]', await code(OUTBOX, email));
  await ann.locator('form:has(input[name=code]) button').first().click();
  await ann.locator('form[data-question]').waitFor();
  await look('1-offer');
  await ann.getByRole('button', { name: 'Set up a passkey' }).click();
  await ann.waitForURL(`${APP}/`);
  const { credentials } = await devices.send('WebAuthn.getCredentials', { authenticatorId });
  check(credentials.length === 1 && credentials[0].isResidentCredential, `${name}: the device holds a discoverable passkey, and the way ends in the app`);
  check((await mail(OUTBOX, email, (text) => text.includes('passkey was added'))).length > 0, `${name}: a mail tells of it`);

  await ann.goto(`${APP}/vault/7?x=1`);
  check(ann.url().startsWith(`${PORTAL}/signin`), `${name}: the vault asks for more`);
  await look('2-authenticator');
  const secret = await ann.locator('code.key').innerText();
  await ann.fill('input[name=code]', '000000');
  await ann.getByRole('button', { name: 'Continue' }).click();
  await ann.locator('[role=alert]').waitFor();
  await look('3-wrong');
  check((await ann.locator('code.key').innerText()) === secret, `${name}: a wrong code does not change the key`);
  await ann.fill('input[name=code]', totp(secret));
  await ann.getByRole('button', { name: 'Continue' }).click();
  await ann.waitForURL(`${APP}/vault/7?x=1`);
  check(true, `${name}: and back at the page that asked`);

  await ann.goto(`${PORTAL}/account`);
  await look('4-account');
  await ann.getByRole('button', { name: 'Make recovery codes' }).click();
  await ann.locator('.codes').waitFor();
  check((await ann.locator('.codes li').count()) === 10, `${name}: ten recovery codes, shown once`);
  await look('5-recovery');
  await ann.getByRole('link', { name: 'I have kept them' }).click();
  // The device says nothing by itself for now: a browser that finds it would sign in before anybody has seen the page.
  await devices.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
  await ann.getByRole('button', { name: 'Sign out everywhere' }).click();
  await ann.waitForURL(`${PORTAL}/signin`);

  await ann.goto(`${APP}/signed/7?x=1`);
  await ann.locator('form[data-question]').waitFor();
  await look('6-sign-in');
  await devices.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
  await ann.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await ann.locator('h1', { hasText: 'authenticator app' }).waitFor();
  await look('7-step');
  await ann.fill('input[name=code]', totp(secret, 1));
  await ann.getByRole('button', { name: 'Continue' }).click();
  await ann.locator('input[name=accept]').waitFor();
  await look('8-terms');
  await ann.check('input[name=accept]');
  await ann.locator('form:has(input[name=accept]) button').click();
  await ann.waitForURL(`${APP}/signed/7?x=1`);
  check(true, `${name}: a passkey, the app's code and the terms lead back to the page that was asked for`);
  // What the browser says of an answer of 401 or 403 is no complaint of a page.
  const complaints = errors.filter((error) => !error.includes('Failed to load resource'));
  check(complaints.length === 0, `${name}: no page complains: ${complaints.join('; ')}`);
  await context.close();
}

try {
  const [links, emails] = [LINKS.split(' '), EMAILS.split(' ')];
  await way('wide', { width: 1280, height: 800 }, links[0], emails[0]);
  await way('narrow', { width: 360, height: 740 }, links[1], emails[1]);
} finally {
  await browser.close();
}
