### ما يُطلب قبوله، وما يطلبه الناس، وما يُمنح لهم.

## شروط الاستخدام

terms-about = الإصدار { $version }. يطلب منك { $site } قراءته وقبوله.
terms-accepted-on = الإصدار { $version }. قبلته في { $at }.
terms-kept = الإصدار { $version } كما قبلته في { $at }.
terms-check = قرأت هذا النص وأقبله.
terms-accept = القبول والمتابعة
terms-small = إذا كنت لا تريد قبوله فأغلق هذه الصفحة: لن يتغير شيء، ولن تستطيع استخدام ما يتعلق به. تجد ما قبلته مع إثباته في صفحة حسابك.
terms-tick = ضع علامة في المربع للقبول، أو أغلق هذه الصفحة.
terms-changed = تغيّر النص منذ أن فتحت هذه الصفحة. يرجى قراءته من جديد.
terms-back = رجوع
account-terms = الشروط التي قبلتها
account-terms-line = { $terms }، الإصدار { $version }
account-terms-read = القراءة
account-terms-proof = تنزيل الإثبات
to-account = حسابك
to-home = تطبيقاتك

## التسجيل

signup-title = طلب الوصول
signup-intro = أثبت أولاً أنك تقرأ بريدك: نرسل رمزاً إلى عنوانك. لا توجد كلمة مرور.
signup-address = عنوان بريدك في العمل
signup-known = هل دُعيت، أو لديك وصول بالفعل؟
signup-domain = لا يمكن لعناوين هذا النطاق التسجيل هنا. استخدم عنوان مؤسستك.
signup-form-title = أخبرنا عنك
signup-proved = تم إثبات { $address }.
signup-owners = يقرأ القائمون على التطبيق ما تكتبه هنا ويقررون.
signup-name = اسمك
signup-name-wrong = اكتب اسمك بما لا يزيد على { $most } حرفاً.
signup-optional = (اختياري)
signup-send = إرسال
signup-wrong = { $n ->
    [one] إجابة واحدة تحتاج إلى مراجعة.
   *[other] إجابات تحتاج إلى مراجعة: { $n }.
}
signup-member-title = لا تحتاج إلى التسجيل
signup-member-why = هذا العنوان لعضو في المؤسسة التي تدير التطبيق. الأعضاء لا يسجلون هنا.
signup-has-title = لديك وصول بالفعل
signup-has-why = لهذا العنوان وصول إلى التطبيق. سجّل الدخول فحسب.
signup-guest-title = أنت معروف هنا
signup-guest-why = سجّل الدخول بهذا العنوان، ثم يمكنك طلب الوصول من صفحتك.
signup-late-title = هذه الصفحة قديمة جداً
signup-late-why = مر وقت طويل منذ أن أثبتّ عنوانك. ابدأ من جديد.
signup-again = البدء من جديد
answer-missing = يرجى الإجابة عن هذا.
answer-most = استخدم { $max } حرفاً على الأكثر.
answer-length = استخدم من { $min } إلى { $max } حرفاً.
answer-form = ليس هذا بالشكل المتوقع.
answer-choice = اختر من القائمة.
answer-date = اكتب اليوم هكذا: 2026-12-31.
answer-email = اكتب العنوان هكذا: name@example.com.

## انتظار القرار

waiting-title = في انتظار القرار
waiting-checking = يجري التحقق مما كتبته. يستغرق ذلك لحظة.
waiting-approval = طُلب من القائمين على التطبيق السماح لك بالدخول الآن.
waiting-mail = يقرر القائمون على التطبيق. ستصلك رسالة على { $address }.
waiting-since = طلبت في { $at }. يمكن اتخاذ القرار حتى { $until }.
waiting-page = تتحقق هذه الصفحة من تلقاء نفسها. يمكنك إغلاقها والعودة.
waiting-look = التحقق الآن
waiting-granted-title = تمت الموافقة على طلبك
waiting-granted = في رسالة إلى { $address } رابط يسمح لك بالدخول. وهو إثبات أن العنوان لك.
waiting-denied-title = لم تتم الموافقة على طلبك
waiting-denied = لم تتم الموافقة على طلبك بشأن { $app }.
waiting-over-title = انتهى هذا الطلب
waiting-over = لم يقرر أحد في الوقت المناسب، أو سحبت طلبك. يمكنك الطلب من جديد.

## طلب تطبيق أو مزيد من الوقت

wish-access = طلب الوصول
wish-access-about = يقرر القائمون على التطبيق.
wish-time = طلب مزيد من الوقت
wish-time-about = ينتهي وصولك في { $until }.
wish-reason = لماذا تحتاج إليه؟
wish-reason-wrong = اذكر في 5 إلى 500 حرف لماذا تحتاج إليه.
wish-none-title = لا يوجد ما تطلبه
wish-none = لديك وصول بالفعل، وليس له نهاية.

## سبب، والسماح بالدخول

justify-title = لماذا تستخدمه الآن؟
justify-about = يريد هذا التطبيق أن يعرف لماذا تستخدمه. يُحفظ ما تكتبه، ويراه التطبيق.
justify-label = السبب
justify-go = متابعة
approval-title = يجب أن يسمح لك أحد بالدخول
approval-about = يُسأل الآن أحد مسؤولي هذا التطبيق بالبريد. يمكنك الانتظار في الصفحة التالية.
approval-label = ماذا ينبغي أن يعرف؟
approval-go = السؤال الآن

## التطبيقات

tiles-offered = يمكنك طلب
tile-from = من { $from }
tile-ended = انتهى وصولك في { $until }.
tile-asked = طلبت في { $at }، ولم يقرر أحد بعد.
tile-closed = مغلق لك الآن.
tile-needs = يتطلب { $needs }
tile-need-email-code = رمزاً بالبريد
tile-need-passkey = مفتاح مرور
tile-need-totp = تطبيق مصادقة
tile-need-federated = تسجيل الدخول لدى { $provider }
tile-need-federated-any = تسجيل الدخول لدى مؤسستك
tile-need-certificate = شهادة على جهازك
tile-need-second-factor = طريقة ثانية لتسجيل الدخول
tile-need-fresh-sign-in = تسجيل دخول جديداً
tile-need-terms = قبول شروط
tile-need-known-device = جهازاً استخدمته هنا من قبل
tile-need-approval = أحداً يسمح لك بالدخول
tile-need-justification = سبباً

## القرار

decide-sign-in-title = سجّل الدخول لتقرر
decide-sign-in-why = يقود هذا الرابط إلى شيء ينتظر قرارك. وهو لا يثبت من أنت، فسجّل الدخول أولاً بصفتك عضواً.
decide-sign-in-next = تذكر الرسالة أيضاً كيف تقرر على جهاز البوابة.
decide-access = { $who } يطلب الوصول
decide-time = { $who } يطلب مزيداً من الوقت
decide-approval = { $who } ينتظر السماح بالدخول
decide-address = العنوان
decide-asked = تاريخ الطلب
decide-reason = السبب
decide-ends = ينتهي في
decide-grant-of = وصول { $who }
decide-yes = الموافقة
decide-longer = التمديد
decide-message = ما يُقال عند الرفض
decide-no = الرفض
decide-granted = تمت الموافقة في { $at } من { $by }.
decide-denied = رُفض في { $at } من { $by }.
decide-by-nobody = البوابة
decide-withdrawn = سُحب في { $at }.
decide-late = لم يقرر أحد في الوقت المناسب.
decide-ended = انتهى هذا الوصول.

## الرسائل

matter-access = { $who } يطلب الوصول إلى { $app }
matter-time = { $who } يطلب استخدام { $app } مدة أطول
matter-approval = { $who } ينتظر السماح بالدخول إلى { $app }
matter-writes = السبب المذكور: { $reason }
matter-until = لن يحدث شيء ما لم تقرر، حتى { $until }.
matter-machine = على جهاز البوابة: guestgate requests approve { $id } أو guestgate requests deny { $id }
matter-look = الاطلاع واتخاذ القرار
granted-access = يمكنك استخدام { $app } الآن
granted-access-line = تمت الموافقة على طلبك: { $app } مفتوح لك.
granted-time = يمكنك استخدام { $app } مدة أطول
granted-time-line = تمت الموافقة على طلبك: يمكنك استخدام { $app } مدة أطول.
granted-approval = سُمح لك بالدخول إلى { $app }
granted-approval-line = سُمح لك بالدخول إلى { $app }. عد إلى الصفحة التي تنتظر، أو افتح التطبيق من جديد.
granted-go = متابعة
denied-title = بشأن طلبك حول { $app }
denied-answer = الجواب: { $message }
reminder-title = تنتهي دعوتك إلى { $apps } قريباً
reminder-line = دُعيت إلى { $apps } ولم تقبل بعد.
reminder-until = يمكن قبول الدعوة حتى { $expires }. لا حاجة إلى كلمة مرور.
reminder-ignore = إذا كنت لا تريدها فتجاهل هذه الرسالة: لن يحدث شيء ما لم تقبل.
reminder-go = الاطلاع على الدعوة وقبولها
ending-title = ينتهي وصولك إلى { $app } قريباً
ending-line = ينتهي وصولك إلى { $app } في { $until }.
ending-next = إذا كنت تحتاج إليه مدة أطول فاطلب ذلك من صفحتك.
guest-ending-title = ينتهي وصول { $guest } إلى { $app } قريباً
guest-ending-line = ينتهي وصول { $guest } إلى { $app } في { $until }.
guest-ending-next = أنت مسؤول عن هذا الضيف. إذا كان الوصول لا يزال لازماً فمدّده، وإلا فلا تفعل شيئاً.
guest-ending-machine = على جهاز البوابة: guestgate grants extend { $grant }
access-over-title = انتهى وصولك إلى { $app }
access-over-line = انتهى وصولك إلى { $app }.
access-over-next = إذا كنت لا تزال تحتاج إليه فاسأل من دعاك.
unused-line = لم تستخدم { $app } منذ { $time }، لذلك انتهى وصولك.
unused-next = إذا احتجت إليه من جديد فاطلبه من صفحتك.
suspended-subject = وصولك معلّق
suspended-decision = تم تعليق وصولك.
suspended-inactive = لم تستخدم وصولك منذ وقت طويل، لذلك تم تعليقه.
suspended-sponsor = غادر المسؤول عن وصولك، لذلك تم تعليقه.
suspended-domain = لم يعد من الممكن استخدام عناوين مؤسستك هنا، لذلك تم تعليق وصولك.
removed-subject = أُزيل حسابك
removed-line = لم يعد شيء مفتوحاً لك هنا منذ وقت طويل، لذلك أُزيل حسابك.
removed-next = إذا احتجت إلى الوصول من جديد فاسأل من دعاك؛ يمكن إعادة الحساب كما كان خلال 30 يوماً.
sponsor-title = يحتاج { $guest } إلى من يكون مسؤولاً عنه
sponsor-line = لم يعد { $sponsor }، المسؤول عن الضيف { $guest }، عضواً.
sponsor-until = إذا لم يتولَّ أحد غيره المسؤولية فسيُعلّق الضيف في { $at }.
sponsor-machine = على جهاز البوابة: guestgate guests set { $guest } --sponsor ADDRESS
review-title = هل ما زال الوصول إلى { $app } لازماً؟
review-line = الضيوف الذين لهم وصول إلى { $app }: { $n }. قل عن كل منهم هل ما زال لازماً.
review-next = ما لم يجب عنه أحد في { $until } ينتهي.
review-reminder-title = وصول إلى { $app } ينتظر جواباً
review-left = وصول إلى { $app } لم يجب عنه أحد: { $n }.
review-over-title = انتهت مراجعة الوصول إلى { $app }
review-over-line = أُبقي: { $kept }. سُحب: { $removed }. انتهى لأن أحداً لم يجب: { $lapsed }.
review-over-look = الاطلاع على التقرير
