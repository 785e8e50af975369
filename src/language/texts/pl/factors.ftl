### Passkeys, authenticator apps and recovery codes: showing them, setting them up, and the account's part about them.

## A passkey is asked for

step-passkey-title = Użyj klucza dostępu
step-passkey-why = { $app } wymaga czegoś więcej niż kodu z wiadomości.
step-passkey-how = Urządzenie poprosi o odcisk palca, twarz lub PIN; nic z tego nie opuszcza urządzenia.
step-passkey-button = Użyj klucza dostępu
step-passkey-failed = Nie udało się. Spróbuj ponownie lub w inny sposób.
passkey-without-script = Klucze dostępu wymagają przeglądarki, która uruchamia skrypty. Ta tego nie robi albo nie zna kluczy dostępu.
signin-passkey = Zaloguj się kluczem dostępu
signin-passkey-failed = Nie udało się. Spróbuj ponownie albo poproś o kod.

## A passkey is not taken

passkey-refused-title = Nie przyjęto
passkey-not-taken = Ten klucz dostępu nie został przyjęty. Spróbuj ponownie lub zaloguj się inaczej.
passkey-too-late = Trwało to zbyt długo albo zostało już zrobione. Spróbuj jeszcze raz.
passkey-not-now = Najpierw potwierdź ponownie, że to Ty: otwórz swoje konto i potwierdź to tam.
passkey-too-many = Kluczy dostępu jest za dużo. Usuń taki, którego już nie używasz.
passkey-no-entry = Twój dostęp jest zawieszony lub zakończony. Jeśli nadal go potrzebujesz, zapytaj osobę, która Cię zaprosiła.
passkey-page-too-old = Ta strona jest za stara albo nie pochodzi stąd. Wczytaj ją ponownie.

## A passkey is set up

add-passkey-title = Skonfiguruj klucz dostępu
add-passkey-what = Kluczem dostępu logujesz się odciskiem palca, twarzą lub kodem PIN urządzenia: bez kodu z wiadomości i bez niczego, co można by Ci ukraść na fałszywej stronie. Zajmuje to dziesięć sekund.
add-asked = { $app } tego wymaga.
add-passkey-name = Jak nazywasz to urządzenie
add-passkey-button = Skonfiguruj klucz dostępu
add-passkey-failed = Nie utworzono klucza dostępu. Spróbuj ponownie albo zrób to później.
add-not-now = Nie teraz
add-back = Wróć do swojego konta
machine-android = Telefon z Androidem
machine-iphone = iPhone
machine-ipad = iPad
machine-windows = Komputer z Windows
machine-mac = Mac
machine-linux = Komputer z Linuksem
machine-other = Mój klucz dostępu

## A code of the authenticator app

step-totp-title = Kod z aplikacji uwierzytelniającej
step-totp-how = Otwórz aplikację uwierzytelniającą i wpisz sześć cyfr, które pokazuje dla { $site }.
step-totp-label = Kod z aplikacji
step-continue = Dalej
step-own-why = Potwierdź, że to Ty, zanim zmienisz sposób logowania.
step-other-way = Użyj innego sposobu
totp-wrong = To nie jest kod, który aplikacja pokazuje teraz. Sprawdź, czy zegar w telefonie chodzi dobrze.
totp-used = Ten kod został już użyty. Poczekaj, aż aplikacja pokaże następny.
totp-too-many = Było zbyt wiele prób. Poczekaj chwilę albo użyj innego sposobu.

## An authenticator app is set up

add-totp-title = Skonfiguruj aplikację uwierzytelniającą
add-totp-why = { $app } jej wymaga. Konfigurujesz ją raz, a później wpisujesz kod, który pokazuje.
add-totp-open = Otwórz w telefonie aplikację uwierzytelniającą, na przykład tę, której używasz w pracy, i dodaj konto.
add-totp-scan = Skieruj aparat tutaj:
add-totp-picture = Kod QR dla aplikacji uwierzytelniającej; ten sam klucz jest poniżej jako tekst
add-totp-type = albo wpisz ten klucz dla { $address }:
add-totp-code = Wpisz sześć cyfr, które aplikacja pokazuje teraz:
add-totp-wrong = To nie jest kod, który aplikacja pokazuje dla tego konta. Wpisz najnowszy.

## Recovery codes

step-recovery-title = Użyj kodu odzyskiwania
step-recovery-how = Wpisz jeden z zapisanych kodów. Każdy działa raz; powiadomimy Cię wiadomością, że został użyty.
step-recovery-label = Kod odzyskiwania
recovery-wrong = To nie jest żaden z Twoich kodów odzyskiwania albo został już użyty.
recovery-title = Twoje kody odzyskiwania
recovery-keep = Zapisz je lub wydrukuj i trzymaj razem z ważnymi dokumentami. Każdy działa raz, zamiast klucza dostępu lub aplikacji uwierzytelniającej.
recovery-once = Są pokazywane tylko teraz; wcześniejsze kody już nie działają.
recovery-kept = Mam je zapisane

## The account

factors-title = Jak się logujesz
# A link in these words follows the first text.
factors-confirm = Aby coś tu zmienić,
factors-confirm-link = potwierdź ponownie, że to Ty
factors-passkeys = Klucze dostępu
factors-no-passkey = Jeszcze żadnego. Kluczem dostępu logujesz się odciskiem palca, twarzą lub kodem PIN urządzenia.
factors-passkey-since = Dodano { $since }, ostatnio użyto { $used }
factors-other-name = Inna nazwa
factors-rename = Zmień nazwę
factors-remove = Usuń { $name }
factors-add-passkey = Dodaj klucz dostępu
factors-app = Aplikacja uwierzytelniająca
factors-app-since = Skonfigurowano { $since }
factors-no-app = Jeszcze żadnej. Pokazuje sześciocyfrowy kod, którego wymagają niektóre aplikacje.
factors-remove-app = Usuń aplikację uwierzytelniającą
factors-recovery = Kody odzyskiwania
factors-no-codes = Nie masz żadnych. Wpuszczą Cię, gdy zgubisz klucz dostępu lub telefon.
factors-codes = { $n ->
    [one] Jeden z nich nie został użyty.
    [few] { $n } z nich nie zostały użyte.
   *[other] { $n } z nich nie zostało użytych.
}
factors-make-codes = Utwórz kody odzyskiwania
factors-renew-codes = Utwórz nowe kody odzyskiwania; stare przestaną działać

## Mails

mail-factors-subject = { $site }: zmienił się sposób logowania
mail-factors-passkey-added = Do Twojego konta dodano klucz dostępu.
mail-factors-passkey-removed = Z Twojego konta usunięto klucz dostępu.
mail-factors-app-added = Do Twojego konta dodano aplikację uwierzytelniającą.
mail-factors-app-removed = Z Twojego konta usunięto aplikację uwierzytelniającą.
mail-factors-codes-made = Dla Twojego konta utworzono kody odzyskiwania. Wcześniejsze już nie działają.
mail-factors-code-used = Użyto jednego z Twoich kodów odzyskiwania. Już nie działa.
mail-factors-when = Stało się to { $at }, z adresu sieciowego { $place }.
mail-factors-signed-out = Inne przeglądarki, które były nim zalogowane, zostały wylogowane.
mail-factors-not-you = Jeśli to nie Ty, od razu powiadom osoby prowadzące tę stronę: być może ktoś inny czyta Twoją pocztę.
mail-factors-reset = Osoby prowadzące tę stronę usunęły Twoje klucze dostępu, aplikację uwierzytelniającą i kody odzyskiwania oraz wylogowały Cię wszędzie.
mail-factors-reset-next = Zaloguj się ponownie kodem, który tu wyślemy, i skonfiguruj na nowo klucz dostępu lub aplikację uwierzytelniającą.
mail-factors-reset-unasked = Jeśli to nie była Twoja prośba, powiedz im o tym.

step-certificate-title = Okaż swój certyfikat
step-certificate-why = Wymaga tego { $app }.
step-certificate-how = Przeglądarka zapyta, który certyfikat okazać. Musi on zawierać adres { $address }.
step-certificate-button = Okaż mój certyfikat
signin-certificate = Zaloguj się certyfikatem
certificate-title = Certyfikat nie został przyjęty
certificate-none = Przeglądarka nie okazała żadnego certyfikatu. Jeśli go masz, zamknij wszystkie okna przeglądarki, zanim spróbujesz ponownie: być może pamięta, że nie wybrano żadnego.
certificate-refused = Certyfikat wygasł, został wycofany albo nie pochodzi od nikogo, kto jest tu znany. Poproś o nowy tego, kto go wydał.
certificate-stranger = Certyfikat nie wskazuje nikogo, kto może tu wejść, albo wskazuje kogoś innego niż zalogowana osoba.
