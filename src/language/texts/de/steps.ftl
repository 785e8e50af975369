### Was eine Anwendung von jemandem verlangt, der angemeldet ist, ein Schritt nach dem anderen.

step-passkey = Ihren Passkey
step-totp = einen Code aus Ihrer Authenticator-App
step-certificate = Ihr Zertifikat
step-email-code = einen Code per Mail
step-add-passkey = einen Passkey, den Sie einmal einrichten
step-add-authenticator = eine Authenticator-App, die Sie einmal einrichten
step-recovery = einen Wiederherstellungscode
steps-after = Danach: { $steps }.

step-code-title = Zeigen Sie, dass Sie es sind
step-code-why = Bevor Sie weitergehen, möchte { $app } wissen, dass Sie es noch sind.
step-code-how = Wir schicken einen Code an { $address }, und Sie geben ihn auf der nächsten Seite ein.
step-code-send = Code schicken
