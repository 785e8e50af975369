### Czego aplikacja wymaga od osoby po zalogowaniu, krok po kroku.

step-passkey = klucz dostępu
step-totp = kod z aplikacji uwierzytelniającej
step-certificate = certyfikat
step-email-code = kod z wiadomości e-mail
step-add-passkey = klucz dostępu, który konfiguruje się raz
step-add-authenticator = aplikację uwierzytelniającą, którą konfiguruje się raz
step-recovery = kod odzyskiwania
steps-after = Potem: { $steps }.

step-code-title = Pokaż, że to Ty
step-code-why = Zanim przejdziesz dalej, { $app } prosi o potwierdzenie, że to nadal Ty.
step-code-how = Wyślemy kod na adres { $address }, a Ty wpiszesz go na następnej stronie.
step-code-send = Wyślij mi kod
