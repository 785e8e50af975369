### Passkeys, authenticator apps and recovery codes: showing them, setting them up, and the account's part about them.

## A passkey is asked for

step-passkey-title = Use your passkey
step-passkey-why = { $app } asks for more than a code by mail.
step-passkey-how = Your device asks for your fingerprint, your face or its PIN; none of that leaves the device.
step-passkey-button = Use a passkey
step-passkey-failed = That did not work. Try again, or use another way.
passkey-without-script = Passkeys need a browser that runs scripts. Yours does not, or it does not know passkeys.
signin-passkey = Sign in with a passkey
signin-passkey-failed = That did not work. Try again, or let us send you a code.

## A passkey is not taken

passkey-refused-title = Not accepted
passkey-not-taken = This passkey was not accepted. Try again, or sign in another way.
passkey-too-late = That took too long, or was done before. Try once more.
passkey-not-now = First show again that it is you: open your account and confirm it there.
passkey-too-many = There are too many passkeys. Remove one that you do not use any more.
passkey-no-entry = Your access is suspended or has ended. If you still need it, ask whoever invited you.
passkey-page-too-old = This page is too old, or not from here. Load it again.

## A passkey is set up

add-passkey-title = Set up a passkey
add-passkey-what = With a passkey you sign in by fingerprint, face or the PIN of your device: no code from a mail, and nothing that anybody could steal from you on a false page. It takes ten seconds.
add-asked = { $app } asks for it.
add-passkey-name = What you call this device
add-passkey-button = Set up a passkey
add-passkey-failed = No passkey was made. Try again, or do it later.
add-not-now = Not now
add-back = Back to your account
machine-android = Android phone
machine-iphone = iPhone
machine-ipad = iPad
machine-windows = Windows computer
machine-mac = Mac
machine-linux = Linux computer
machine-other = My passkey

## A code of the authenticator app

step-totp-title = The code of your authenticator app
step-totp-how = Open your authenticator app and type the six digits that it shows for { $site }.
step-totp-label = Code from the app
step-continue = Continue
step-own-why = Show that it is you before you change how you sign in.
step-other-way = Use another way
totp-wrong = This is not the code that the app shows now. Look whether the clock of your phone is right.
totp-used = This code has been used. Wait until the app shows the next one.
totp-too-many = There were too many attempts. Wait a while, or use another way.

## An authenticator app is set up

add-totp-title = Set up an authenticator app
add-totp-why = { $app } asks for it. You set it up once, and later type the code that it shows.
add-totp-open = Open an authenticator app on your phone, such as one that you use at work, and add an account.
add-totp-scan = Point its camera here:
add-totp-picture = QR code for the authenticator app; the same key stands below as text
add-totp-type = or type this key for { $address }:
add-totp-code = Type the six digits that the app shows now:
add-totp-wrong = This is not the code that the app shows for this account. Type the newest one.

## Recovery codes

step-recovery-title = Use a recovery code
step-recovery-how = Type one of the codes that you wrote down. Each works once; we tell you by mail that it was used.
step-recovery-label = Recovery code
recovery-wrong = This is none of your recovery codes, or it has been used.
recovery-title = Your recovery codes
recovery-keep = Write these down or print them, and keep them where you keep other important papers. Each works once, in place of your passkey or your authenticator app.
recovery-once = They are shown only now; codes that you had before work no more.
recovery-kept = I have kept them

## The account

factors-title = How you sign in
# A link in these words follows the first text.
factors-confirm = To change something here,
factors-confirm-link = show again that it is you
factors-passkeys = Passkeys
factors-no-passkey = None yet. A passkey signs you in by fingerprint, face or the PIN of your device.
factors-passkey-since = Added { $since }, last used { $used }
factors-other-name = Another name
factors-rename = Rename
factors-remove = Remove { $name }
factors-add-passkey = Add a passkey
factors-app = Authenticator app
factors-app-since = Set up { $since }
factors-no-app = None yet. It shows a code of six digits that some applications ask for.
factors-remove-app = Remove the authenticator app
factors-recovery = Recovery codes
factors-no-codes = You have none. They let you in when you have lost your passkey or your phone.
factors-codes = { $n ->
    [one] One of them has not been used.
   *[other] { $n } of them have not been used.
}
factors-make-codes = Make recovery codes
factors-renew-codes = Make new recovery codes; the old ones work no more

## Mails

mail-factors-subject = { $site }: how you sign in has changed
mail-factors-passkey-added = A passkey was added to your account.
mail-factors-passkey-removed = A passkey was removed from your account.
mail-factors-app-added = An authenticator app was added to your account.
mail-factors-app-removed = The authenticator app was removed from your account.
mail-factors-codes-made = Recovery codes were made for your account. Those before them work no more.
mail-factors-code-used = One of your recovery codes was used. It works no more.
mail-factors-when = That was on { $at }, from the network address { $place }.
mail-factors-signed-out = Other browsers that were signed in with it have been signed out.
mail-factors-not-you = If that was not you, tell the people who run this site at once: somebody else may be reading your mail.
mail-factors-reset = Your passkeys, your authenticator app and your recovery codes have been removed by the people who run this site, and you have been signed out everywhere.
mail-factors-reset-next = Sign in again by a code that we send here, and set up a passkey or an authenticator app anew.
mail-factors-reset-unasked = If you have not asked for that, tell them.

## A certificate is asked for

step-certificate-title = Show your certificate
step-certificate-why = { $app } asks for it.
step-certificate-how = Your browser asks which certificate you want to show. It must name the address { $address }.
step-certificate-button = Show my certificate
signin-certificate = Sign in with a certificate
certificate-title = Your certificate was not accepted
certificate-none = Your browser has shown no certificate. If you have one, close all windows of the browser before you try again: it may remember that you chose none.
certificate-refused = The certificate has ended, was withdrawn, or comes from nobody who is known here. Ask whoever gave it to you for a new one.
certificate-stranger = The certificate names nobody who may come in here, or somebody else than you signed in as.
