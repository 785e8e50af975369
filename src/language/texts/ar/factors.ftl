### Passkeys, authenticator apps and recovery codes: showing them, setting them up, and the account's part about them.

## A passkey is asked for

step-passkey-title = استخدم مفتاح المرور
step-passkey-why = يطلب { $app } أكثر من رمز بالبريد.
step-passkey-how = يطلب جهازك بصمتك أو وجهك أو رقمه السري، ولا يغادر شيء من ذلك الجهاز.
step-passkey-button = استخدام مفتاح مرور
step-passkey-failed = لم ينجح ذلك. حاول مرة أخرى أو استخدم طريقة أخرى.
passkey-without-script = تحتاج مفاتيح المرور إلى متصفح يشغّل النصوص البرمجية. متصفحك لا يفعل ذلك أو لا يعرف مفاتيح المرور.
signin-passkey = تسجيل الدخول بمفتاح مرور
signin-passkey-failed = لم ينجح ذلك. حاول مرة أخرى أو دعنا نرسل إليك رمزًا.

## A passkey is not taken

passkey-refused-title = لم يُقبل
passkey-not-taken = لم يُقبل مفتاح المرور هذا. حاول مرة أخرى أو سجّل الدخول بطريقة أخرى.
passkey-too-late = استغرق ذلك وقتًا طويلًا أو تم من قبل. حاول مرة أخرى.
passkey-not-now = أثبت أولًا من جديد أنك أنت: افتح حسابك وأكّد ذلك هناك.
passkey-too-many = مفاتيح المرور كثيرة جدًا. أزل مفتاحًا لم تعد تستخدمه.
passkey-no-entry = وصولك معلّق أو انتهى. إذا كنت لا تزال بحاجة إليه فاسأل من دعاك.
passkey-page-too-old = هذه الصفحة قديمة جدًا أو ليست من هنا. أعد تحميلها.

## A passkey is set up

add-passkey-title = أعدّ مفتاح مرور
add-passkey-what = بمفتاح المرور تسجّل الدخول ببصمتك أو وجهك أو الرقم السري لجهازك: دون رمز بالبريد، ودون شيء يمكن أن يسرقه أحد منك في صفحة مزيفة. يستغرق ذلك عشر ثوانٍ.
add-asked = يطلبه { $app }.
add-passkey-name = ماذا تسمّي هذا الجهاز
add-passkey-button = إعداد مفتاح مرور
add-passkey-failed = لم يُنشأ مفتاح مرور. حاول مرة أخرى أو افعل ذلك لاحقًا.
add-not-now = ليس الآن
add-back = العودة إلى حسابك
machine-android = هاتف أندرويد
machine-iphone = آيفون
machine-ipad = آيباد
machine-windows = حاسوب ويندوز
machine-mac = ماك
machine-linux = حاسوب لينكس
machine-other = مفتاح مروري

## A code of the authenticator app

step-totp-title = رمز تطبيق المصادقة
step-totp-how = افتح تطبيق المصادقة واكتب الأرقام الستة التي يعرضها لـ { $site }.
step-totp-label = الرمز من التطبيق
step-continue = متابعة
step-own-why = أثبت أنك أنت قبل أن تغيّر طريقة تسجيل دخولك.
step-other-way = استخدام طريقة أخرى
totp-wrong = ليس هذا هو الرمز الذي يعرضه التطبيق الآن. تحقق من صحة ساعة هاتفك.
totp-used = استُخدم هذا الرمز من قبل. انتظر حتى يعرض التطبيق الرمز التالي.
totp-too-many = كانت المحاولات كثيرة جدًا. انتظر قليلًا أو استخدم طريقة أخرى.

## An authenticator app is set up

add-totp-title = أعدّ تطبيق مصادقة
add-totp-why = يطلبه { $app }. تُعدّه مرة واحدة، ثم تكتب لاحقًا الرمز الذي يعرضه.
add-totp-open = افتح تطبيق مصادقة على هاتفك، مثل الذي تستخدمه في العمل، وأضف حسابًا.
add-totp-scan = وجّه الكاميرا إلى هنا:
add-totp-picture = رمز QR لتطبيق المصادقة، والمفتاح نفسه مكتوب أدناه
add-totp-type = أو اكتب هذا المفتاح لـ { $address }:
add-totp-code = اكتب الأرقام الستة التي يعرضها التطبيق الآن:
add-totp-wrong = ليس هذا هو الرمز الذي يعرضه التطبيق لهذا الحساب. اكتب أحدث رمز.

## Recovery codes

step-recovery-title = استخدم رمز استرداد
step-recovery-how = اكتب أحد الرموز التي دوّنتها. يعمل كل رمز مرة واحدة، ونخبرك بالبريد أنه استُخدم.
step-recovery-label = رمز الاسترداد
recovery-wrong = ليس هذا من رموز استردادك، أو استُخدم من قبل.
recovery-title = رموز استردادك
recovery-keep = دوّنها أو اطبعها واحفظها مع أوراقك المهمة. يعمل كل رمز مرة واحدة بدلًا من مفتاح مرورك أو تطبيق المصادقة.
recovery-once = تُعرض الآن فقط، والرموز السابقة لم تعد تعمل.
recovery-kept = حفظتها

## The account

factors-title = كيف تسجّل الدخول
# A link in these words follows the first text.
factors-confirm = لتغيير شيء هنا،
factors-confirm-link = أثبت من جديد أنك أنت
factors-passkeys = مفاتيح المرور
factors-no-passkey = لا يوجد بعد. يسجّل مفتاح المرور دخولك ببصمتك أو وجهك أو الرقم السري لجهازك.
factors-passkey-since = أُضيف في { $since }، وآخر استخدام في { $used }
factors-other-name = اسم آخر
factors-rename = تغيير الاسم
factors-remove = إزالة { $name }
factors-add-passkey = إضافة مفتاح مرور
factors-app = تطبيق المصادقة
factors-app-since = أُعدّ في { $since }
factors-no-app = لا يوجد بعد. يعرض رمزًا من ستة أرقام تطلبه بعض التطبيقات.
factors-remove-app = إزالة تطبيق المصادقة
factors-recovery = رموز الاسترداد
factors-no-codes = ليس لديك أي منها. تُدخلك عندما تفقد مفتاح مرورك أو هاتفك.
factors-codes = { $n ->
    [zero] لم يبقَ منها رمز غير مستخدم.
    [one] واحد منها لم يُستخدم.
    [two] اثنان منها لم يُستخدما.
   *[other] { $n } منها لم تُستخدم.
}
factors-make-codes = إنشاء رموز استرداد
factors-renew-codes = إنشاء رموز استرداد جديدة، ولن تعمل القديمة بعد ذلك

## Mails

mail-factors-subject = { $site }: تغيّرت طريقة تسجيل دخولك
mail-factors-passkey-added = أُضيف مفتاح مرور إلى حسابك.
mail-factors-passkey-removed = أُزيل مفتاح مرور من حسابك.
mail-factors-app-added = أُضيف تطبيق مصادقة إلى حسابك.
mail-factors-app-removed = أُزيل تطبيق المصادقة من حسابك.
mail-factors-codes-made = أُنشئت رموز استرداد لحسابك. لم تعد الرموز السابقة تعمل.
mail-factors-code-used = استُخدم أحد رموز استردادك. لم يعد يعمل.
mail-factors-when = كان ذلك في { $at }، من عنوان الشبكة { $place }.
mail-factors-signed-out = سُجّل خروج المتصفحات الأخرى التي دخلت به.
mail-factors-not-you = إذا لم تكن أنت من فعل ذلك فأخبر القائمين على هذا الموقع فورًا: ربما يقرأ شخص آخر بريدك.
mail-factors-reset = أزال القائمون على هذا الموقع مفاتيح مرورك وتطبيق المصادقة ورموز الاسترداد، وسُجّل خروجك من كل مكان.
mail-factors-reset-next = سجّل الدخول من جديد برمز نرسله إلى هنا، ثم أعدّ مفتاح مرور أو تطبيق مصادقة من جديد.
mail-factors-reset-unasked = إذا لم تطلب ذلك فأخبرهم.

step-certificate-title = أظهر شهادتك الرقمية
step-certificate-why = يطلبها { $app }.
step-certificate-how = يسألك المتصفح عن الشهادة التي تريد إظهارها. يجب أن تحمل العنوان { $address }.
step-certificate-button = أظهر شهادتي
signin-certificate = سجّل الدخول بشهادة رقمية
certificate-title = لم تُقبل شهادتك
certificate-none = لم يُظهر متصفحك أي شهادة. إن كانت لديك شهادة فأغلق جميع نوافذ المتصفح قبل أن تحاول من جديد، فلعله يتذكر أنك لم تختر أي شهادة.
certificate-refused = انتهت الشهادة أو سُحبت أو لم تصدر عن جهة معروفة هنا. اطلب شهادة جديدة ممن أعطاك إياها.
certificate-stranger = لا تحمل الشهادة اسم أحد يُسمح له بالدخول هنا، أو تحمل اسم شخص غير الذي سجّلت الدخول باسمه.
