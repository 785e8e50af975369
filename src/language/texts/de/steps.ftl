### Was eine Anwendung von jemandem verlangt, der angemeldet ist, ein Schritt nach dem anderen.

step-email-code = einen Code per Mail
steps-after = Danach: { $steps }.

step-code-title = Zeigen Sie, dass Sie es sind
step-code-why = Bevor Sie weitergehen, möchte { $app } wissen, dass Sie es noch sind. Wir schicken einen Code an { $address }, und Sie geben ihn auf der nächsten Seite ein.
step-code-send = Code schicken
