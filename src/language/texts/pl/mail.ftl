### Wiadomości. Temat ma jeden wiersz.

mail-hello = Dzień dobry,
mail-hello-name = Dzień dobry, { $name },
mail-support = Masz pytania? Napisz na adres { $address }.

mail-invitation-subject = { $inviter } zaprasza do: { $apps }
mail-invitation-what = { $inviter } zaprasza do korzystania z: { $apps }.
mail-invitation-lasts = Dostęp będzie trwał { $lasts }.
mail-invitation-message = { $inviter } pisze:
mail-invitation-button = Zobacz zaproszenie i przyjmij je
mail-invitation-expires = Odnośnik jest tylko dla Ciebie i działa raz, do: { $expires }. Hasło nie jest potrzebne.
mail-invitation-unexpected = Jeśli nie spodziewasz się tego zaproszenia, pomiń tę wiadomość: bez przyjęcia nic się nie stanie.

mail-copy-subject = Kopia: { $inviter } zaprasza { $invited } do korzystania z { $apps }
mail-copy-what = { $inviter } zaprasza { $invited } do korzystania z { $apps }.
mail-copy-why = Ta kopia trafia pod ten adres na życzenie nadawcy: { $inviter }. Nie zawiera linku: zaproszenie może przyjąć tylko { $invited }.

mail-code-subject = Twój kod do: { $app }
mail-code-is = Twój kod to
mail-code-use = Wpisz go na stronie, która o niego prosi. Działa przez { $lifetime }, jeden raz.
mail-code-asked = Co o niego prosi:
mail-code-app = Aplikacja: { $app }
mail-code-time = Czas: { $at }
mail-code-place = Miejsce: adres sieciowy { $place }
mail-code-warning = Nikt z { $site } nigdy nie zapyta Cię o ten kod. Jeśli to nie Ty o niego prosisz, pomiń tę wiadomość: bez kodu nikt nie wejdzie.

mail-suspended-subject = { $site }: Twój dostęp jest zawieszony
mail-suspended-what = Twój dostęp został zawieszony i wszędzie nastąpiło wylogowanie.
mail-suspended-asked = Ktoś chce się zalogować w { $site } Twoim adresem. W tej wiadomości nie ma kodu, bo Twój dostęp jest zawieszony.
mail-ended-subject = { $site }: Twój dostęp do { $app } się skończył
mail-ended-what = Twój dostęp do { $app } się skończył.
mail-ask-inviter = Jeśli nadal go potrzebujesz, zapytaj osobę, która przysłała zaproszenie.
mail-copy-link = Jeśli przycisk nie działa, skopiuj to do przeglądarki:

mail-reported-subject = { $site }: zgłoszono zaproszenie
mail-reported-what = Zaprasza { $inviter }, zaproszony adres to { $invited }. Osoba, która dostała to zaproszenie, odrzuciła je i zgłosiła.
mail-reported-id = Zaproszenie: { $id }
mail-reported-next = Sprawdź, kto został zaproszony i dlaczego: może to pomyłka, a może ktoś nadużywa prawa do zapraszania.
