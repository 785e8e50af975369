### O przyjęcie czego się prosi, o co ktoś prosi i co mu się przyznaje.

## Warunki korzystania

terms-about = Wersja { $version }. { $site } prosi o przeczytanie i przyjęcie tego tekstu.
terms-accepted-on = Wersja { $version }. Przyjęto ją { $at }.
terms-kept = Wersja { $version }, taka, jaką przyjęto { $at }.
terms-check = Przeczytałem ten tekst i go przyjmuję.
terms-accept = Przyjmij i kontynuuj
terms-small = Jeśli nie chcesz go przyjąć, zamknij tę stronę: nic się nie zmieni i nie będzie można używać tego, czego on dotyczy. To, co przyjęto, wraz z dowodem, jest na stronie konta.
terms-tick = Zaznacz pole, aby przyjąć, albo zamknij tę stronę.
terms-changed = Tekst zmienił się od otwarcia tej strony. Przeczytaj go jeszcze raz.
terms-back = Wróć
account-terms = Przyjęte warunki
account-terms-line = { $terms }, wersja { $version }
account-terms-read = Przeczytaj
account-terms-proof = Pobierz dowód
to-account = Twoje konto
to-home = Twoje aplikacje

## Zgłoszenie

signup-title = Poproś o dostęp
signup-intro = Najpierw pokaż, że czytasz swoją pocztę: wyślemy kod na Twój adres. Nie ma hasła.
signup-address = Twój służbowy adres e-mail
signup-known = Masz zaproszenie albo już dostęp?
signup-domain = Adresów z tej domeny nie można tu zgłaszać. Użyj adresu swojej organizacji.
signup-form-title = Napisz coś o sobie
signup-proved = Adres { $address } jest potwierdzony.
signup-owners = Osoby prowadzące aplikację przeczytają to i zdecydują.
signup-name = Imię i nazwisko
signup-name-wrong = Wpisz imię i nazwisko, najwyżej { $most } znaków.
signup-optional = (nieobowiązkowe)
signup-send = Wyślij
signup-wrong = { $n ->
    [one] Jedna odpowiedź wymaga poprawki.
    [few] { $n } odpowiedzi wymagają poprawki.
   *[other] { $n } odpowiedzi wymaga poprawki.
}
signup-member-title = Nie trzeba się zgłaszać
signup-member-why = Ten adres należy do członka organizacji prowadzącej aplikację. Członkowie nie zgłaszają się tutaj.
signup-has-title = Dostęp już jest
signup-has-why = Ten adres ma dostęp do aplikacji. Wystarczy się zalogować.
signup-guest-title = Znamy ten adres
signup-guest-why = Zaloguj się tym adresem; potem można poprosić o dostęp na własnej stronie.
signup-late-title = Ta strona jest za stara
signup-late-why = Od potwierdzenia adresu minęło zbyt dużo czasu. Zacznij od nowa.
signup-again = Zacznij od nowa
answer-missing = Proszę to wypełnić.
answer-most = Użyj najwyżej { $max } znaków.
answer-length = Użyj od { $min } do { $max } znaków.
answer-form = To nie ma oczekiwanej postaci.
answer-choice = Wybierz coś z listy.
answer-date = Napisz dzień jako 2026-12-31.
answer-email = Napisz adres jako nazwa@example.com.

## Oczekiwanie na decyzję

waiting-title = Oczekiwanie na decyzję
waiting-checking = Odpowiedzi są sprawdzane. To potrwa chwilę.
waiting-approval = Osoby prowadzące aplikację poproszono o wpuszczenie teraz.
waiting-mail = Decydują osoby prowadzące aplikację. Wiadomość przyjdzie na adres { $address }.
waiting-since = Prośba z { $at }. Decyzja jest możliwa do { $until }.
waiting-page = Ta strona sama sprawdza ponownie. Można ją zamknąć i wrócić.
waiting-look = Sprawdź teraz
waiting-granted-title = Prośba została spełniona
waiting-granted = W wiadomości na adres { $address } jest link, który wpuszcza. Dowodzi on, że adres należy do Ciebie.
waiting-denied-title = Prośba nie została spełniona
waiting-denied = Prośba dotycząca { $app } nie została spełniona.
waiting-over-title = Ta prośba jest zakończona
waiting-over = Nikt nie zdecydował na czas albo prośbę wycofano. Można poprosić ponownie.

## Prośba o aplikację lub o więcej czasu

wish-access = Poproś o dostęp
wish-access-about = Decydują osoby prowadzące aplikację.
wish-time = Poproś o więcej czasu
wish-time-about = Dostęp kończy się { $until }.
wish-reason = Do czego jest potrzebna?
wish-reason-wrong = Napisz w 5 do 500 znakach, do czego jest potrzebna.
wish-none-title = Nie ma o co prosić
wish-none = Dostęp już jest i nie ma końca.

## Powód i wpuszczenie

justify-title = Dlaczego teraz jej używasz?
justify-about = Ta aplikacja chce wiedzieć, dlaczego jest używana. To, co napiszesz, zostaje zachowane i aplikacja to widzi.
justify-label = Powód
justify-go = Dalej
approval-title = Ktoś musi Cię wpuścić
approval-about = Osoba odpowiedzialna za tę aplikację dostanie teraz wiadomość. Na następnej stronie można poczekać.
approval-label = Co powinna wiedzieć?
approval-go = Zapytaj teraz

## Aplikacje

tiles-offered = Można poprosić o
tile-from = Od { $from }
tile-ended = Dostęp skończył się { $until }.
tile-asked = Prośba z { $at }; jeszcze nikt nie zdecydował.
tile-closed = W tej chwili zamknięta.
tile-needs = Wymaga: { $needs }
tile-need-email-code = kodu z poczty
tile-need-passkey = klucza dostępu
tile-need-totp = aplikacji uwierzytelniającej
tile-need-federated = zalogowania w { $provider }
tile-need-federated-any = zalogowania w Twojej organizacji
tile-need-certificate = certyfikatu na urządzeniu
tile-need-second-factor = drugiego sposobu logowania
tile-need-fresh-sign-in = ponownego zalogowania
tile-need-terms = przyjęcia warunków
tile-need-known-device = urządzenia, które było tu już używane
tile-need-approval = kogoś, kto wpuści
tile-need-justification = powodu

## Decyzje

decide-sign-in-title = Zaloguj się, aby zdecydować
decide-sign-in-why = Ten link prowadzi do czegoś, co czeka na decyzję. Nie pokazuje, kim jesteś, więc najpierw zaloguj się jako członek.
decide-sign-in-next = W wiadomości jest też napisane, jak zdecydować na komputerze bramy.
decide-access = { $who } prosi o dostęp
decide-time = { $who } prosi o więcej czasu
decide-approval = { $who } czeka na wpuszczenie
decide-address = Adres
decide-asked = Data prośby
decide-reason = Powód
decide-ends = Koniec
decide-grant-of = Dostęp: { $who }
decide-yes = Przyznaj
decide-longer = Przedłuż
decide-message = Co przekazać w razie odmowy
decide-no = Nie przyznawaj
decide-granted = Przyznano { $at }; decyzja: { $by }.
decide-denied = Odmówiono { $at }; decyzja: { $by }.
decide-by-nobody = brama
decide-withdrawn = Wycofano { $at }.
decide-late = Nikt nie zdecydował na czas.
decide-ended = Ten dostęp się skończył.

## Wiadomości

matter-access = { $who } prosi o dostęp do { $app }
matter-time = { $who } prosi o dłuższy dostęp do { $app }
matter-approval = { $who } czeka na wpuszczenie do { $app }
matter-writes = Podany powód: { $reason }
matter-until = Bez Twojej decyzji nic się nie stanie, do { $until }.
matter-machine = Na komputerze bramy: guestgate requests approve { $id } albo guestgate requests deny { $id }
matter-look = Zobacz i zdecyduj
granted-access = Można już używać { $app }
granted-access-line = Prośba została spełniona: { $app } jest otwarta.
granted-time = Można dłużej używać { $app }
granted-time-line = Prośba została spełniona: można dłużej używać { $app }.
granted-approval = Wpuszczono do { $app }
granted-approval-line = Wpuszczono do { $app }. Wróć na stronę, która czeka, albo otwórz aplikację jeszcze raz.
granted-go = Dalej
denied-title = W sprawie prośby o { $app }
denied-answer = Odpowiedź: { $message }
reminder-title = Zaproszenie do { $apps } wkrótce wygaśnie
reminder-line = Jest zaproszenie do { $apps }, które nie zostało jeszcze przyjęte.
reminder-until = Zaproszenie można przyjąć do { $expires }. Hasło nie jest potrzebne.
reminder-ignore = Jeśli go nie chcesz, zignoruj tę wiadomość: bez przyjęcia nic się nie stanie.
reminder-go = Zobacz zaproszenie i przyjmij je
ending-title = Dostęp do { $app } wkrótce się skończy
ending-line = Dostęp do { $app } kończy się { $until }.
ending-next = Jeśli potrzebny jest dłużej, poproś o to na swojej stronie.
guest-ending-title = Dostęp gościa { $guest } do { $app } wkrótce się skończy
guest-ending-line = Dostęp gościa { $guest } do { $app } kończy się { $until }.
guest-ending-next = Odpowiadasz za tego gościa. Jeśli dostęp jest nadal potrzebny, przedłuż go; jeśli nie, nic nie rób.
guest-ending-machine = Na komputerze bramy: guestgate grants extend { $grant }
access-over-title = Dostęp do { $app } się skończył
access-over-line = Dostęp do { $app } się skończył.
access-over-next = Jeśli jest nadal potrzebny, zapytaj osobę, która zaprosiła.
unused-line = { $app } nie była używana od { $time }, więc dostęp się skończył.
unused-next = Jeśli znów będzie potrzebny, poproś o niego na swojej stronie.
suspended-subject = Dostęp jest zawieszony
suspended-decision = Dostęp został zawieszony.
suspended-inactive = Dostęp nie był długo używany, więc został zawieszony.
suspended-sponsor = Osoba odpowiedzialna za dostęp odeszła, więc został zawieszony.
suspended-domain = Adresów Twojej organizacji nie można tu już używać, więc dostęp został zawieszony.
removed-subject = Konto zostało usunięte
removed-line = Od dawna nic tu nie jest otwarte, więc konto zostało usunięte.
removed-next = Jeśli dostęp znów będzie potrzebny, zapytaj osobę, która zaprosiła; przez 30 dni konto może wrócić takie, jakie było.
sponsor-title = { $guest } potrzebuje osoby odpowiedzialnej
sponsor-line = { $sponsor }, osoba odpowiedzialna za gościa { $guest }, nie jest już członkiem.
sponsor-until = Jeśli nikt inny nie przejmie odpowiedzialności, gość zostanie zawieszony { $at }.
sponsor-machine = Na komputerze bramy: guestgate guests set { $guest } --sponsor ADDRESS
review-title = Czy dostępy do { $app } są nadal potrzebne?
review-line = Goście z dostępem do { $app }: { $n }. Powiedz o każdym, czy nadal jest potrzebny.
review-next = To, na co nikt nie odpowie do { $until }, kończy się.
review-reminder-title = Dostępy do { $app } czekają na odpowiedź
review-left = Dostępy do { $app } bez odpowiedzi: { $n }.
review-over-title = Przegląd dostępów do { $app } się zakończył
review-over-line = Zachowane: { $kept }. Odebrane: { $removed }. Zakończone bez odpowiedzi: { $lapsed }.
review-over-look = Zobacz raport
