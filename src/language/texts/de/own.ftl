### Was Gäste mit ihrem eigenen Konto tun: mitnehmen, was über sie gespeichert ist, und gehen.

own-title = Was über Sie gespeichert ist
own-export-about = Eine Datei mit allem, was hier über Sie gespeichert ist: Einladungen, Zugänge, Sitzungen, Anmeldewege, angenommene Bedingungen, Anfragen und was über Sie protokolliert wurde.
own-export = Alles herunterladen
own-leave-about = Sie können { $site } endgültig verlassen. Dann ist hier nichts mehr für Sie offen.
own-leave = { $site } verlassen
own-others-end = Überall sonst abmelden
own-device = { $browser } unter { $system }
own-last = Zuletzt benutzt am { $at }

leave-title = { $site } verlassen?
leave-what = Ihr Zugang endet, und Sie werden auf allen Geräten abgemeldet. Wer für Sie verantwortlich ist, erfährt es per E-Mail.
leave-apps = Das endet: { $apps }
leave-back = Innerhalb von 30 Tagen kann, wer Sie eingeladen hat, Ihr Konto wiederherstellen, wie es war. Was in den Anwendungen selbst liegt, bleibt dort.
leave-go = Jetzt verlassen
leave-stay = Bleiben
left-title = Sie sind nicht mehr dabei
left-line = Bei { $site } ist nichts mehr für Sie offen, und Sie sind überall abgemeldet. Eine E-Mail an { $address } bestätigt es.

## Mails

mail-left-subject = Sie haben { $site } verlassen
mail-left-line = Wie am { $at } von der Netzadresse { $place } aus gewünscht, ist Ihr Zugang beendet, und Sie wurden überall abgemeldet.
mail-left-back = Wenn das ein Versehen war oder Sie es nicht waren, antworten Sie der Person, die Sie eingeladen hat: Innerhalb von 30 Tagen kann Ihr Konto wiederhergestellt werden, wie es war.
mail-guest-left-subject = { $guest } ist gegangen
mail-guest-left-line = Der Gast { $guest }, für den Sie verantwortlich sind, ist gegangen. Damit endete: { $apps }
mail-guest-left-nothing = Der Gast { $guest }, für den Sie verantwortlich sind, ist gegangen. Offen war nichts.
mail-guest-left-machine = Innerhalb von 30 Tagen, am Rechner des Gateways: guestgate guests restore { $guest }
unused-soon-title = Ihr Zugang zu { $app } endet bald
unused-soon-line = Sie haben { $app } länger nicht benutzt. Wenn Sie es nicht vor dem { $at } öffnen, wird Ihr Zugang gesperrt.
unused-soon-next = Einmal öffnen genügt. Wenn Sie den Zugang nicht mehr brauchen, tun Sie nichts.
unused-soon-go = { $app } öffnen
longer-line = Ihr Zugang zu { $app } gilt jetzt bis { $until }.
back-subject = Sie können wieder kommen
back-line = Ihr Zugang ist wieder offen, so wie er vorher war.
back-go = Ihre Anwendungen ansehen
