### Signing in with the account that somebody has at their own organisation.

step-provider = ponowne zalogowanie w Twojej organizacji
step-provider-title = Zaloguj się w swojej organizacji
step-provider-why = { $app } prosi, abyś jeszcze raz zalogował się na swoje konto w { $provider }.
step-provider-own = Zanim zmienisz sposób logowania tutaj, zaloguj się jeszcze raz na swoje konto w { $provider }.
provider-button = Przejdź do { $provider }
provider-choice-title = Zaloguj się w swojej organizacji
provider-choice-why = Masz konto w { $provider }. Zaloguj się nim albo poproś o kod wysłany pocztą.
invitation-asked-provider = Aby przyjąć, zaloguj się na swoje konto w { $provider }. Musi to być konto zaproszonego adresu.
invitation-accept-and-go = Przyjmij i zaloguj się
passkey-at-provider = Twoja organizacja sama loguje swoich ludzi. Wpisz swój adres e-mail, a zostaniesz tam przeniesiony.

provider-again = Spróbuj ponownie
provider-go-on = Pokaż inny sposób
provider-away-title = Logowanie Twojej organizacji nie odpowiada
provider-away-why = Nie możemy teraz połączyć się z { $provider }, więc nikt nie może się tam zalogować.
provider-away-next = Spróbuj ponownie za kilka minut. Jeśli to potrwa, powiadom dział pomocy swojej organizacji.
provider-declined-title = Nie zalogowano
provider-declined-why = W { $provider } logowanie zostało odrzucone lub przerwane.
provider-declined-next = Spróbuj ponownie. Jeśli znowu zostanie odrzucone, zapytaj dział pomocy swojej organizacji, czy Twojego konta można tu używać.
provider-late-title = Tego logowania nie można dokończyć
provider-late-why = Trwało zbyt długo, zostało już zakończone albo zaczęto je w innej przeglądarce.
provider-late-next = Zacznij od nowa stąd albo od strony, na którą zmierzasz.
provider-wrong-title = To logowanie nie zostało przyjęte
provider-wrong-why = To, co przekazało nam { $provider }, jest nieprawidłowe, więc nie zalogowano.
provider-wrong-next = Spróbuj ponownie. Jeśli to się powtórzy, powiadom osobę, która Cię zaprosiła: muszą to naprawić prowadzący obie strony.
provider-address-title = Tego konta nie można tu użyć
provider-address-why = { $provider } nie podaje nam dla tego konta potwierdzonego adresu e-mail Twojej organizacji.
provider-address-next = Poproś dział pomocy swojej organizacji o wpisanie i potwierdzenie adresu e-mail Twojego konta, a potem spróbuj ponownie.
provider-person-title = To jest inne konto
provider-person-why = Konto, którego użyto w { $provider }, nie jest tym, które należy tu do tego adresu.
provider-person-next = Wyloguj się tam i zaloguj na konto tego adresu. Jeśli Twoje konto tam jest nowe, poproś osobę, która Cię zaprosiła, o zresetowanie Twojego logowania.
provider-not-enough-title = Jeszcze jeden krok
provider-not-enough-why = { $provider } nie przekazało nam, że właśnie zalogowano się na nowo ani że użyto drugiego składnika.
provider-not-enough-next = Dlatego potrzeba czegoś jeszcze, zanim przejdziesz dalej.
