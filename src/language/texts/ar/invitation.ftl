### صفحة الدعوة، وما تقوله حين لا يعود قبولها ممكنًا.

invitation-eyebrow = دعوة
invitation-title = يدعوك { $inviter } إلى { $apps }
invitation-message = كتب { $inviter }:
invitation-get = ما تحصل عليه
invitation-lasts = { $app }، لمدة { $lasts }
invitation-lasts-on = { $app }، حتى إشعار آخر
invitation-asked = ما يُطلب منك
invitation-asked-mailed = للقبول تكفي نقرة واحدة. وصل هذا الرابط إلى بريدك، وهذا يكفي لإثبات أنك أنت.
invitation-asked-direct = لم يصل هذا الرابط بالبريد، ولذلك نرسل رمزًا إلى العنوان الذي وُجّهت إليه الدعوة. ستكتبه في الصفحة التالية.
invitation-asked-own = نقرة واحدة فقط: سجّلت الدخول هنا بالعنوان المدعو.
invitation-asked-later = بعد ذلك تسجّل الدخول برمز نرسله إلى بريدك. لا توجد كلمة مرور.
invitation-asked-app = يطلب { $app } أيضًا:
invitation-learns = سيعرف التطبيق عنوان بريدك. يمكن قبول الدعوة حتى { $expires }.
invitation-accept = اقبل الدعوة
invitation-accept-and-send = اقبل وأرسل لي الرمز
invitation-decline = ارفض
invitation-unexpected = ألم تكن تتوقع هذا؟
invitation-unexpected-next = يمكنك إغلاق هذه الصفحة، ولن يحدث شيء. إذا كان أحد يزعجك بهذه الدعوة فأبلغ عنها؛ فتُرفض، ويعلم من يدير هذا الموقع.
invitation-report = أبلغ عن هذه الدعوة

other-person-title = هل هذه الدعوة لك؟
other-person-why = الدعوة موجّهة إلى { $invited }، لكنك هنا باسم { $address }.
other-person-mine = إذا كان العنوانان لك فتابع. عند القبول ستخرج هنا من { $address }.
other-person-not-mine = إذا كانت الدعوة لشخص آخر فاتركها، وأخبر من أرسل إليك الرابط.
other-person-go-on = أظهر الدعوة
other-person-stay = اذهب إلى تطبيقاتي

accepted-before-title = قُبلت هذه الدعوة من قبل
accepted-before-next = سجّل الدخول بالعنوان الذي وُجّهت إليه.
accepted-before-alarm = إذا لم تكن أنت من قبلها، فأخبر من دعاك.
revoked-title = سُحبت هذه الدعوة
revoked-why = لم يعد قبولها ممكنًا.
revoked-next = إذا كنت تتوقع غير ذلك، فاسأل { $inviter }.
declined-title = لقد رفضت هذه الدعوة
declined-next = لم يعد قبولها ممكنًا. إذا غيّرت رأيك، فاطلب دعوة جديدة من { $inviter }.
expired-title = انتهت مدة هذه الدعوة
expired-why = كان يمكن قبولها حتى { $expires }.
expired-next = اطلب من { $inviter } إرسالها من جديد.
reported-title = شكرًا لإبلاغنا
reported-done = رُفضت الدعوة، وعلم بذلك من يدير هذا الموقع.
gone-title = هذا الرابط لا يعمل
gone-why = ربما حلّ محله رابط أحدث، أو لم يُنسخ كاملًا.
gone-next = إذا كنت قد قبلت الدعوة فسجّل الدخول فقط. وإلا فاطلب ممن دعاك إرسالها من جديد.

need-passkey = مفتاح مرور: بصمتك أو وجهك أو رمز جهازك بدل كلمة المرور
need-totp = رمز من تطبيق مصادقة على هاتفك
need-second-factor = إثبات ثانٍ أنك أنت، مثل مفتاح مرور أو تطبيق مصادقة
need-federated = تسجيل الدخول بحساب مؤسستك
need-certificate = شهادة على جهازك
need-terms = قبول شروط الاستخدام
need-known-device = جهاز استخدمته هنا من قبل
need-approval = موافقة أحد المسؤولين على دخولك
need-justification = سبب زيارتك
excluded-title = هذا الوصول يستبعد وصولاً آخر
excluded-why = شيء لديك أو عُرض عليك لا يجوز أن يجتمع مع هذا.
excluded-next = اسأل { $inviter } أيهما تحتاج إليه.
