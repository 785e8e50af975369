### الصفحة الأولى وحساب من سجّل الدخول.

home-title = تطبيقاتك
home-empty = لا شيء مفتوح لك الآن. إذا كنت تتوقع شيئًا هنا، فاسأل من دعاك.
home-until = حتى { $until }
home-no-end = بلا تاريخ انتهاء
home-signed-in = سجّلت الدخول باسم { $address }.
home-sign-out = تسجيل الخروج

account-title = حسابك
account-address = العنوان
account-name = الاسم
account-invitation = الدعوة
account-accepted-from = { $apps }، من { $inviter }، قُبلت في { $at }
account-accepted = { $apps }، قُبلت في { $at }
account-signed-in = أين سجّلت الدخول
account-here = هذا المتصفح
account-elsewhere = متصفح آخر
account-since = منذ { $since }، من { $place }
account-end = أخرج هذا
account-sign-out = تسجيل الخروج هنا
account-sign-out-everywhere = تسجيل الخروج من كل مكان

language-label = اللغة
language-change = غيّر
