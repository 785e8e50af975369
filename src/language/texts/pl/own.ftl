### Co goście robią z własnym kontem: zabierają to, co o nich zapisano, i odchodzą.

own-title = Co jest o Państwu zapisane
own-export-about = Plik ze wszystkim, co jest tu o Państwu zapisane: zaproszenia, dostępy, sesje, sposoby logowania, zaakceptowane warunki, prośby oraz to, co odnotowano w dzienniku.
own-export = Pobierz wszystko
own-leave-about = Można opuścić { $site } na stałe. Wtedy nic tutaj nie będzie już dla Państwa otwarte.
own-leave = Opuść { $site }
own-others-end = Wyloguj wszędzie indziej
own-device = { $browser }, { $system }
own-last = Ostatnio używane { $at }

leave-title = Opuścić { $site }?
leave-what = Dostęp się kończy, a na wszystkich urządzeniach następuje wylogowanie. Osoba odpowiedzialna dowie się o tym pocztą.
leave-apps = To się kończy: { $apps }
leave-back = W ciągu 30 dni osoba, która zapraszała, może przywrócić konto takim, jakie było. To, co jest w samych aplikacjach, tam pozostaje.
leave-go = Opuść teraz
leave-stay = Zostań
left-title = To koniec dostępu
left-line = W { $site } nic już nie jest dla Państwa otwarte, a sesje wszędzie zakończono. Potwierdza to wiadomość na { $address }.

## Mails

mail-left-subject = Opuszczono { $site }
mail-left-line = Zgodnie z życzeniem z { $at }, z adresu sieciowego { $place }, dostęp się zakończył, a wszędzie nastąpiło wylogowanie.
mail-left-back = Jeśli to pomyłka albo zrobił to ktoś inny, proszę odpowiedzieć osobie, która zapraszała: w ciągu 30 dni konto można przywrócić takim, jakie było.
mail-guest-left-subject = { $guest } odchodzi
mail-guest-left-line = Gość { $guest }, za którego Państwo odpowiadają, odszedł. To się zakończyło: { $apps }
mail-guest-left-nothing = Gość { $guest }, za którego Państwo odpowiadają, odszedł. Nic nie było dla niego otwarte.
mail-guest-left-machine = W ciągu 30 dni, na maszynie bramy: guestgate guests restore { $guest }
unused-soon-title = Dostęp do { $app } wkrótce się skończy
unused-soon-line = Od pewnego czasu { $app } nie jest używane. Jeśli nie zostanie otwarte przed { $at }, dostęp zostanie zawieszony.
unused-soon-next = Wystarczy otworzyć raz. Jeśli dostęp nie jest już potrzebny, nie trzeba nic robić.
unused-soon-go = Otwórz { $app }
longer-line = Dostęp do { $app } trwa teraz do { $until }.
back-subject = Można znów korzystać
back-line = Dostęp jest znów otwarty, taki jak przedtem.
back-go = Zobacz swoje aplikacje
