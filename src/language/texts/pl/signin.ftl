### Logowanie kodem z wiadomości e-mail.

signin-title = Logowanie
signin-intro = Nie ma hasła. Wyślemy kod na adres, na który przyszło zaproszenie.
signin-address = Twój adres e-mail
signin-address-wrong = To nie wygląda na adres e-mail. Napisz go tak: nazwa@example.com.
signin-send = Wyślij mi kod
signin-not-invited = Nie masz jeszcze zaproszenia? Zapytaj osoby, które prowadzą aplikację. Zalogować się można dopiero po przyjęciu zaproszenia.

code-title = Wpisz kod
code-sent-if-known = Jeśli z adresu { $address } przyjęto tu zaproszenie, wiadomość z kodem jest w drodze.
code-sent = Wiadomość z kodem jest w drodze na adres { $address }.
code-lasts = Działa przez { $lifetime } i tylko na tej stronie.
code-label = Kod z wiadomości
code-left = { $n ->
    [one] Została 1 próba.
    [few] Zostały { $n } próby.
   *[other] Zostało { $n } prób.
}
code-continue = Dalej
code-nothing-came = Nic nie przyszło? Zajrzyj do folderu ze spamem. Zanim poprosisz o nowy kod, odczekaj { $wait }.
code-again = Wyślij nowy kod
code-other-address = Użyj innego adresu
code-wait = Odczekaj jeszcze { $wait }, zanim poprosisz o nowy kod.
code-too-old = Ten kod jest za stary. Poproś poniżej o nowy.
code-too-many = Było za dużo prób. Poproś o nowy kod albo poczekaj jakiś czas.
code-wrong = To nie jest kod z ostatniej wiadomości.
code-used = Ten kod już został użyty. Poproś poniżej o nowy.

no-entry-title = Twój dostęp jest zawieszony
no-entry-why = Adres się zgadza, ale Twój dostęp jest zawieszony albo został usunięty.
no-entry-next = Jeśli nadal go potrzebujesz, zapytaj osobę, która przysłała zaproszenie.

rounds-signed-in = Jesteś tu po zalogowaniu jako { $address }, od: { $since }.
rounds-asked = { $host } trzy razy w ciągu minuty poprosił o logowanie, więc nie zachowuje własnego pliku cookie.
rounds-asked-more = { $host } ciągle prosi o więcej, choć pokazano już wszystko, o co prosił.
rounds-cookies = Może pliki cookie adresu { $host } są zablokowane albo zegar tego urządzenia źle chodzi.
rounds-clock = Tutaj jest { $now }.
rounds-no-access = Nie masz tam teraz ważnego dostępu.
