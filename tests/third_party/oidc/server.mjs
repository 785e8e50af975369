// A partner's OpenID provider: npm's oidc-provider, with people who sign in without typing, as the test says.
//
//   node server.mjs PORT CALLBACK LOGOUT   (LOGOUT is called at 127.0.0.1, whatever its host)

import http from "node:http";
import https from "node:https";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

const [port, callback, logout] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

// What the next sign-in is like.
const next = { account: "ann", email: "ann@contoso.test", verified: true, amr: ["pwd"], deny: false };
const people = new Map();
let calls = [];

async function key() {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { ...(await exportJWK(privateKey)), use: "sig", alg: "RS256" };
}

// The host of the gateway is known to nobody, and its certificate is the test's own.
function call(url, { method, headers, body }) {
  const at = new URL(url);
  const plain = Object.fromEntries(new Headers(headers));
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: at.port, path: at.pathname, method, servername: at.hostname, rejectUnauthorized: false };
    const request = https.request({ ...options, headers: { ...plain, host: at.host } }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => {
        calls.push({ status: answer.statusCode, sent: String(body), text });
        resolve(new Response(text || null, { status: answer.statusCode }));
      });
    });
    request.on("error", reject);
    request.end(String(body ?? ""));
  });
}

function make(jwk) {
  return new Provider(issuer, {
    clients: [
      {
        client_id: "guestgate",
        client_secret: "a-secret-of-two",
        redirect_uris: [callback],
        backchannel_logout_uri: logout,
        backchannel_logout_session_required: true,
      },
    ],
    jwks: { keys: [jwk] },
    cookies: { keys: ["a key of the test"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], acr: null, amr: null, auth_time: null, sid: null },
    scopes: ["openid", "email"],
    features: {
      claimsParameter: { enabled: true },
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = form;
        },
      },
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid email");
      await grant.save();
      return grant;
    },
    fetch: call,
  });
}

let provider = make(await key());

async function interaction(request, answer) {
  const details = await provider.interactionDetails(request, answer);
  if (next.deny) {
    return provider.interactionFinished(request, answer, { error: "access_denied", error_description: "not today" });
  }
  if (details.prompt.name !== "login") throw new Error(`asked for ${details.prompt.name}`);
  people.set(next.account, { email: next.email, email_verified: next.verified });
  const login = { accountId: next.account, amr: next.amr, ts: Math.floor(Date.now() / 1000) };
  return provider.interactionFinished(request, answer, { login }, { mergeWithLastSubmission: false });
}

async function control(request, answer) {
  let text = "";
  for await (const part of request) text += part;
  const { rotate, ...changed } = JSON.parse(text || "{}");
  Object.assign(next, changed);
  if (rotate) provider = make(await key());
  const said = JSON.stringify({ calls });
  if (request.method === "POST") calls = [];
  answer.end(said);
}

const server = http.createServer((request, answer) => {
  const done = request.url.startsWith("/interaction/")
    ? interaction(request, answer)
    : request.url === "/control"
      ? control(request, answer)
      : provider.callback()(request, answer);
  Promise.resolve(done).catch((error) => {
    console.error(error);
    answer.statusCode = 500;
    answer.end(String(error));
  });
});
server.listen(Number(port), "127.0.0.1", () => console.log("ready"));
