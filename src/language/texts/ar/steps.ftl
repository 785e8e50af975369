### ما يطلبه التطبيق ممن سجّل الدخول، خطوة بعد خطوة.

step-passkey = مفتاح مرورك
step-totp = رمزًا من تطبيق المصادقة
step-certificate = شهادتك الرقمية
step-email-code = رمزًا يصل بالبريد
step-add-passkey = مفتاح مرور تُعدّه مرة واحدة
step-add-authenticator = تطبيق مصادقة تُعدّه مرة واحدة
step-recovery = رمز استرداد
steps-after = بعد ذلك: { $steps }.

step-code-title = أثبت أنك أنت
step-code-why = قبل أن تتابع، يطلب { $app } أن تثبت أنك ما زلت أنت.
step-code-how = نرسل رمزًا إلى { $address }، وتكتبه في الصفحة التالية.
step-code-send = أرسل لي رمزًا
