### Czego aplikacja wymaga od osoby po zalogowaniu, krok po kroku.

step-email-code = kod z wiadomości e-mail
steps-after = Potem: { $steps }.

step-code-title = Pokaż, że to Ty
step-code-why = Zanim przejdziesz dalej, { $app } prosi o potwierdzenie, że to nadal Ty. Wyślemy kod na adres { $address }, a Ty wpiszesz go na następnej stronie.
step-code-send = Wyślij mi kod
