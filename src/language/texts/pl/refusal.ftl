### Co się dowiaduje ktoś, kogo brama nie przepuszcza.

refused-rule = Reguła
refused-reference = Numer sprawy
refused-help = Jeśli uważasz, że to pomyłka, poproś o pomoc i podaj numer sprawy poniżej.
refused-ask = Poproś o pomoc i podaj numer sprawy poniżej.
refused-later = Spróbuj ponownie za chwilę. Jeśli nie będzie lepiej, poproś o pomoc i podaj numer sprawy poniżej.

blocked-title = Teraz jest to niedozwolone
blocked-why = Nie pozwala na to reguła tej aplikacji.

beyond-title = Potrzeba więcej, niż można tu pokazać
beyond-why = Ta aplikacja wymaga poniższych rzeczy, a tutaj nie ma jeszcze na to sposobu. Ponowne logowanie nie pomoże.

no-grant-title = Nie masz dostępu do tej aplikacji
no-grant-why = Jesteś po zalogowaniu, ale nikt nie dał Ci dostępu do tej aplikacji.
no-grant-next = Poproś o zaproszenie jedną z tych osób:
ended-title = Twój dostęp się skończył
ended-why = Jesteś po zalogowaniu, ale Twój dostęp do tej aplikacji był na pewien czas, który minął.
ended-next = Jeśli nadal go potrzebujesz, zapytaj jedną z tych osób:
not-yet-title = Twój dostęp jeszcze się nie zaczął
not-yet-why = Jesteś po zalogowaniu, ale Twój dostęp do tej aplikacji zaczyna się innego dnia.
not-yet-next = Jeśli potrzebujesz go wcześniej, zapytaj jedną z tych osób:
suspended-title = Twój dostęp jest zawieszony
suspended-why = Ktoś zawiesił Twój dostęp, więc żadna aplikacja nie jest teraz dla Ciebie otwarta. Ponowne logowanie nie pomoże.
suspended-next = Te osoby mogą powiedzieć więcej i wpuścić Cię ponownie:

need-title = Najpierw się zaloguj
need-why = Twoja sesja się skończyła albo potrzeba czegoś więcej. To, co wysłano, nie dotarło.
need-next = Zaloguj się w innej karcie, wróć do formularza i wyślij go ponownie. Nie zamykaj tej strony: po cofnięciu zobaczysz to, co było wpisane.
framed-title = Zaloguj się
framed-why = Ta część strony wymaga logowania.
framed-next = Logowanie otworzy się w całym oknie.

rounds-title = Logowanie nie dochodzi do końca
rounds-why = W ciągu minuty kilka razy nastąpiło przekierowanie do logowania. Żeby nie kręcić się w kółko, oto co widzimy.
rounds-next = Poczekaj minutę i spróbuj ponownie. Jeśli to się powtórzy, poproś o pomoc i podaj numer sprawy poniżej.

unreadable-title = Tego żądania nie da się odczytać
unreadable-why = Coś jest nie tak z adresem albo formularzem, więc nic nie zostało zrobione. Wróć i spróbuj ponownie.
unreadable-detail = Technicznie mówiąc:
broken-form-title = Tego formularza nie da się odczytać
broken-form-why = Brakuje pola formularza albo to nie jest formularz.
broken-form-next = Wróć, odśwież stronę i wyślij formularz ponownie.
cross-site-title = Ten formularz nie został wysłany stąd
cross-site-why = Formularz przyszedł z innej strony albo przeglądarka nie podała skąd. Nic nie zostało zmienione.
cross-site-next = Wróć, odśwież stronę i wyślij formularz ponownie.
not-found-title = Nie ma takiej strony
not-found-why = Pod tym adresem nic nie ma.
method-title = To tutaj nie działa
method-why = Ten adres nie przyjmuje takich żądań.
too-large-title = To jest za duże
too-large-why = To, co wysłano, jest większe, niż przyjmuje ta aplikacja.
too-large-next = Wyślij mniejszy plik.
misdirected-title = To żądanie przyszło złą drogą
misdirected-why = Połączenie otwarto dla innej nazwy.
misdirected-next = Odśwież stronę.
too-many-title = Za dużo prób
too-many-why = Z Twojej sieci było za dużo prób.
too-many-next = Poczekaj jakiś czas i spróbuj ponownie.
head-title = To żądanie niesie za dużo
head-why = Adres albo pliki cookie tego żądania są za długie.
head-next = Usuń pliki cookie tej strony i spróbuj ponownie.

internal-title = Coś się tu nie udało
internal-why = To nasza wina, nie Twoja.
bad-gateway-title = Aplikacja nie odpowiada
bad-gateway-why = Nie można połączyć się z aplikacją, która jest za tą stroną.
slow-title = Aplikacja jest za wolna
slow-why = Aplikacja nie odpowiedziała na czas.
unavailable-title = Chwilowo niedostępne
unavailable-why = Nie można teraz sprawdzić dostępu, więc nic nie jest przepuszczane.
overloaded-title = Aplikacja jest zajęta
overloaded-why = Aplikacja za tą stroną nie może teraz przyjąć więcej żądań.
