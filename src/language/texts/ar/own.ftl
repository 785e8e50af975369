### ما يفعله الضيوف بحساباتهم: أخذ ما هو محفوظ عنهم، والمغادرة.

own-title = ما هو محفوظ عنك
own-export-about = ملف بكل ما هو محفوظ عنك هنا: الدعوات وصلاحيات الوصول والجلسات وطرق تسجيل الدخول والشروط المقبولة والطلبات وما سُجّل عنك.
own-export = تنزيل كل شيء
own-leave-about = يمكنك مغادرة { $site } نهائيًا. عندئذ لن يكون هنا شيء مفتوحًا لك.
own-leave = مغادرة { $site }
own-others-end = تسجيل الخروج من كل مكان آخر
own-device = { $browser } على { $system }
own-last = آخر استخدام في { $at }

leave-title = هل تريد مغادرة { $site }؟
leave-what = ينتهي وصولك ويُسجَّل خروجك من كل الأجهزة. ويُخبَر المسؤول عنك بالبريد.
leave-apps = ينتهي هذا: { $apps }
leave-back = خلال 30 يومًا يمكن لمن دعاك أن يعيد حسابك كما كان. وما هو داخل التطبيقات نفسها يبقى فيها.
leave-go = غادر الآن
leave-stay = البقاء
left-title = لقد غادرت
left-line = لم يعد في { $site } شيء مفتوح لك، وسُجّل خروجك من كل مكان. وتؤكد ذلك رسالة إلى { $address }.

## Mails

mail-left-subject = لقد غادرت { $site }
mail-left-line = كما طلبت في { $at } من عنوان الشبكة { $place }، انتهى وصولك وسُجّل خروجك من كل مكان.
mail-left-back = إن كان هذا خطأً أو لم تكن أنت من فعله، فأجب من دعاك: خلال 30 يومًا يمكن إعادة حسابك كما كان.
mail-guest-left-subject = لقد غادر { $guest }
mail-guest-left-line = غادر الضيف { $guest } الذي أنت مسؤول عنه. وانتهى بذلك: { $apps }
mail-guest-left-nothing = غادر الضيف { $guest } الذي أنت مسؤول عنه. ولم يكن شيء مفتوحًا له.
mail-guest-left-machine = خلال 30 يومًا، على جهاز البوابة: guestgate guests restore { $guest }
unused-soon-title = وصولك إلى { $app } يوشك أن ينتهي
unused-soon-line = لم تستخدم { $app } منذ مدة. ما لم تفتحه قبل { $at } فسيُعلَّق وصولك.
unused-soon-next = يكفي فتحه مرة واحدة. إن لم تعد تحتاج إليه فلا تفعل شيئًا.
unused-soon-go = فتح { $app }
longer-line = يستمر وصولك إلى { $app } الآن حتى { $until }.
back-subject = يمكنك العودة
back-line = وصولك مفتوح لك من جديد كما كان.
back-go = عرض تطبيقاتك
