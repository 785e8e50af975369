### Was jemand erfährt, den das Gateway nicht durchlässt.

refused-rule = Regel
refused-reference = Kennzeichen
refused-help = Wenn Sie das für einen Fehler halten, bitten Sie um Hilfe und nennen Sie das Kennzeichen unten.
refused-ask = Bitten Sie um Hilfe und nennen Sie das Kennzeichen unten.
refused-later = Versuchen Sie es gleich noch einmal. Wenn es nicht besser wird, bitten Sie um Hilfe und nennen Sie das Kennzeichen unten.

blocked-title = Das ist zurzeit nicht erlaubt
blocked-why = Eine Regel dieser Anwendung erlaubt das nicht.

beyond-title = Es wird mehr verlangt, als Sie hier vorweisen können
beyond-why = Diese Anwendung verlangt das Folgende, und dafür gibt es hier noch keinen Weg. Sich noch einmal anzumelden hilft nicht.

no-grant-title = Sie haben keinen Zugang zu dieser Anwendung
no-grant-why = Sie sind angemeldet, aber niemand hat Ihnen Zugang zu dieser Anwendung gegeben.
no-grant-next = Bitten Sie eine dieser Personen um eine Einladung:
ended-title = Ihr Zugang ist zu Ende
ended-why = Sie sind angemeldet, aber Ihr Zugang zu dieser Anwendung galt für eine bestimmte Zeit, und die ist vorbei.
ended-next = Wenn Sie ihn noch brauchen, fragen Sie eine dieser Personen:
not-yet-title = Ihr Zugang hat noch nicht begonnen
not-yet-why = Sie sind angemeldet, aber Ihr Zugang zu dieser Anwendung beginnt erst an einem späteren Tag.
not-yet-next = Wenn Sie ihn früher brauchen, fragen Sie eine dieser Personen:
suspended-title = Ihr Zugang ist gesperrt
suspended-why = Jemand hat Ihren Zugang gesperrt. Darum steht Ihnen zurzeit keine Anwendung offen. Sich noch einmal anzumelden hilft nicht.
suspended-next = Diese Personen können Ihnen mehr sagen und Sie wieder einlassen:

need-title = Bitte melden Sie sich erst an
need-why = Ihre Sitzung ist zu Ende, oder es wird mehr verlangt. Was Sie abgeschickt haben, kam nicht an.
need-next = Melden Sie sich in einem anderen Tab an, kommen Sie zum Formular zurück und schicken Sie es noch einmal ab. Schließen Sie diese Seite nicht: Wenn Sie zurückgehen, sehen Sie, was Sie geschrieben haben.
framed-title = Bitte melden Sie sich an
framed-why = Für diesen Teil der Seite müssen Sie angemeldet sein.
framed-next = Die Anmeldung öffnet sich im ganzen Fenster.

rounds-title = Die Anmeldung kommt nicht zum Ende
rounds-why = Sie wurden in einer Minute mehrmals zur Anmeldung geschickt. Damit Sie sich nicht im Kreis drehen, steht hier, was wir gesehen haben.
rounds-next = Warten Sie eine Minute und versuchen Sie es noch einmal. Wenn es wieder geschieht, bitten Sie um Hilfe und nennen Sie das Kennzeichen unten.

unreadable-title = Diese Anfrage ist nicht lesbar
unreadable-why = Mit der Adresse oder dem Formular stimmt etwas nicht. Darum wurde nichts getan. Gehen Sie zurück und versuchen Sie es noch einmal.
unreadable-detail = Technisch gesagt:
broken-form-title = Dieses Formular ist nicht lesbar
broken-form-why = Ein Feld des Formulars fehlt, oder es ist keines.
broken-form-next = Gehen Sie zurück, laden Sie die Seite neu und schicken Sie das Formular noch einmal ab.
cross-site-title = Dieses Formular kam nicht von hier
cross-site-why = Das Formular kam von einer anderen Seite, oder Ihr Browser hat nicht gesagt, woher es kam. Es wurde nichts geändert.
cross-site-next = Gehen Sie zurück, laden Sie die Seite neu und schicken Sie das Formular noch einmal ab.
not-found-title = Diese Seite gibt es nicht
not-found-why = Unter dieser Adresse ist nichts.
method-title = Das geht hier nicht
method-why = Diese Adresse nimmt eine solche Anfrage nicht an.
too-large-title = Das ist zu groß
too-large-why = Was Sie geschickt haben, ist größer, als diese Anwendung annimmt.
too-large-next = Schicken Sie eine kleinere Datei.
misdirected-title = Diese Anfrage kam auf dem falschen Weg
misdirected-why = Die Verbindung wurde für einen anderen Namen geöffnet.
misdirected-next = Laden Sie die Seite neu.
too-many-title = Zu viele Versuche
too-many-why = Aus Ihrem Netz kamen zu viele Versuche.
too-many-next = Warten Sie eine Weile und versuchen Sie es noch einmal.
head-title = Diese Anfrage trägt zu viel mit sich
head-why = Die Adresse oder die Cookies dieser Anfrage sind zu lang.
head-next = Löschen Sie die Cookies dieser Seite und versuchen Sie es noch einmal.

internal-title = Hier ist etwas schiefgegangen
internal-why = Das ist unser Fehler, nicht Ihrer.
bad-gateway-title = Die Anwendung antwortet nicht
bad-gateway-why = Die Anwendung hinter dieser Seite ist nicht erreichbar.
slow-title = Die Anwendung ist zu langsam
slow-why = Die Anwendung hat nicht rechtzeitig geantwortet.
unavailable-title = Zurzeit nicht verfügbar
unavailable-why = Der Zugang kann gerade nicht geprüft werden. Darum wird nichts durchgelassen.
overloaded-title = Die Anwendung ist ausgelastet
overloaded-why = Die Anwendung hinter dieser Seite kann gerade keine weiteren Anfragen annehmen.
