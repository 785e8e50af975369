### Signing in with the account that somebody has at their own organisation.

step-provider = تسجيل الدخول لدى مؤسستك مرة أخرى
step-provider-title = سجّل الدخول لدى مؤسستك
step-provider-why = يطلب { $app } أن تسجّل الدخول مرة أخرى بحسابك لدى { $provider }.
step-provider-own = قبل أن تغيّر طريقة تسجيل دخولك هنا، سجّل الدخول مرة أخرى بحسابك لدى { $provider }.
provider-button = المتابعة إلى { $provider }
provider-choice-title = سجّل الدخول لدى مؤسستك
provider-choice-why = لديك حساب لدى { $provider }. سجّل الدخول به، أو اطلب إرسال رمز إلى بريدك.
invitation-asked-provider = للقبول، سجّل الدخول بحسابك لدى { $provider }. يجب أن يكون حساب العنوان المدعو.
invitation-accept-and-go = اقبل وسجّل الدخول
passkey-at-provider = مؤسستك تسجّل دخول أفرادها بنفسها. اكتب عنوان بريدك وستُنقل إليها.

provider-again = حاول مرة أخرى
provider-go-on = أرني طريقة أخرى
provider-away-title = تسجيل الدخول لدى مؤسستك لا يستجيب
provider-away-why = لا يمكننا الوصول إلى { $provider } الآن، فلا يستطيع أحد تسجيل الدخول هناك.
provider-away-next = حاول مرة أخرى بعد بضع دقائق. وإذا استمر ذلك فأخبر مكتب المساعدة في مؤسستك.
provider-declined-title = لم يُسجَّل دخولك
provider-declined-why = رُفض تسجيل الدخول أو قُطع لدى { $provider }.
provider-declined-next = حاول مرة أخرى. وإذا رُفض ثانية فاسأل مكتب المساعدة في مؤسستك إن كان يُسمح باستعمال حسابك هنا.
provider-late-title = لا يمكن متابعة تسجيل الدخول هذا
provider-late-why = استغرق وقتًا طويلًا، أو اكتمل من قبل، أو بدأ في متصفح آخر.
provider-late-next = ابدأ من جديد من هنا، أو من الصفحة التي كنت ذاهبًا إليها.
provider-wrong-title = لم يُقبل تسجيل الدخول هذا
provider-wrong-why = ما أخبرنا به { $provider } غير صحيح، لذلك لم يُسجَّل دخولك.
provider-wrong-next = حاول مرة أخرى. وإذا تكرر ذلك فأخبر من دعاك: على القائمين على الموقعين إصلاحه.
provider-address-title = لا يمكن استعمال هذا الحساب هنا
provider-address-why = لا يخبرنا { $provider } بعنوان بريد مؤكَّد من مؤسستك لهذا الحساب.
provider-address-next = اطلب من مكتب المساعدة في مؤسستك تسجيل عنوان بريد حسابك وتأكيده، ثم حاول مرة أخرى.
provider-person-title = هذا حساب آخر
provider-person-why = الحساب الذي استعملته لدى { $provider } ليس الحساب التابع للعنوان هنا.
provider-person-next = سجّل الخروج هناك، ثم سجّل الدخول بحساب ذلك العنوان. وإذا كان حسابك هناك جديدًا فاطلب ممن دعاك إعادة ضبط تسجيل دخولك.
provider-not-enough-title = خطوة أخرى
provider-not-enough-why = لم يخبرنا { $provider } بأنك سجّلت الدخول من جديد الآن، ولا بأنك استعملت عاملًا ثانيًا.
provider-not-enough-next = لذلك يلزم شيء آخر قبل أن تتابع.
