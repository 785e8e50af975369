### Strona zaproszenia i to, co mówi, gdy nie można go już przyjąć.

invitation-eyebrow = Zaproszenie
invitation-title = { $inviter } zaprasza do: { $apps }
invitation-message = { $inviter } pisze:
invitation-get = Co otrzymujesz
invitation-lasts = { $app }, na { $lasts }
invitation-lasts-on = { $app }, do odwołania
invitation-asked = Czego się od Ciebie wymaga
invitation-asked-mailed = Aby przyjąć, wystarczy kliknąć. Ten odnośnik przyszedł do Twojej skrzynki i to wystarczy za dowód, że to Ty.
invitation-asked-direct = Ten odnośnik nie przyszedł pocztą, więc wyślemy kod na zaproszony adres. Wpiszesz go na następnej stronie.
invitation-asked-own = Wystarczy kliknięcie: tutaj używasz zaproszonego adresu.
invitation-asked-later = Później zalogujesz się kodem, który wyślemy do Twojej skrzynki. Nie ma hasła.
invitation-asked-app = { $app } wymaga też:
invitation-learns = Aplikacja pozna Twój adres e-mail. Zaproszenie można przyjąć do: { $expires }.
invitation-accept = Przyjmij zaproszenie
invitation-accept-and-send = Przyjmij i wyślij mi kod
invitation-decline = Odrzuć
invitation-unexpected = Nie spodziewasz się tego zaproszenia?
invitation-unexpected-next = Możesz zamknąć tę stronę: nic się nie stanie. Jeśli ktoś Cię tym nęka, zgłoś to. Zaproszenie zostanie odrzucone, a osoby prowadzące tę stronę się o tym dowiedzą.
invitation-report = Zgłoś to zaproszenie

other-person-title = Czy to zaproszenie jest dla Ciebie?
other-person-why = Zaproszenie jest dla { $invited }, ale jesteś tu po zalogowaniu jako { $address }.
other-person-mine = Jeśli oba adresy są Twoje, przejdź dalej. Przyjęcie wyloguje tutaj adres { $address }.
other-person-not-mine = Jeśli zaproszenie jest dla kogoś innego, zostaw je i powiadom osobę, która przysłała Ci odnośnik.
other-person-go-on = Pokaż zaproszenie
other-person-stay = Przejdź do moich aplikacji

accepted-before-title = To zaproszenie zostało już przyjęte
accepted-before-next = Zaloguj się adresem, na który przyszło.
accepted-before-alarm = Jeśli to nie Ty je przyjąłeś lub przyjęłaś, powiedz o tym osobie, która je przysłała.
revoked-title = To zaproszenie zostało wycofane
revoked-why = Nie można go już przyjąć.
revoked-next = Jeśli miało być inaczej, zapytaj: { $inviter }.
declined-title = To zaproszenie zostało przez Ciebie odrzucone
declined-next = Nie można go już przyjąć. Jeśli zmienisz zdanie, o nowe poproś: { $inviter }.
expired-title = To zaproszenie wygasło
expired-why = Można je było przyjąć do: { $expires }.
expired-next = O ponowne wysłanie poproś: { $inviter }.
reported-title = Dziękujemy za zgłoszenie
reported-done = Zaproszenie jest odrzucone, a osoby prowadzące tę stronę są powiadomione.
gone-title = Ten odnośnik nie działa
gone-why = Mógł go zastąpić nowszy albo nie został skopiowany w całości.
gone-next = Jeśli zaproszenie jest już przyjęte, po prostu się zaloguj. Jeśli nie, poproś osobę, która je przysłała, o ponowne wysłanie.

need-passkey = klucza dostępu: odcisku palca, twarzy albo kodu PIN urządzenia zamiast hasła
need-totp = kodu z aplikacji uwierzytelniającej w telefonie
need-second-factor = drugiego dowodu, że to Ty, na przykład klucza dostępu albo aplikacji uwierzytelniającej
need-federated = logowania kontem Twojej organizacji
need-certificate = certyfikatu na Twoim urządzeniu
need-terms = przyjęcia warunków korzystania
need-known-device = urządzenia, z którego już tu korzystano
need-approval = zgody osoby odpowiedzialnej
need-justification = podania powodu wizyty
excluded-title = Ten dostęp wyklucza inny
excluded-why = Czegoś, co już masz lub co Ci zaproponowano, nie można mieć razem z tym.
excluded-next = Zapytaj, który jest Ci potrzebny: { $inviter }.
