### ما يظهر في كل صفحة وفي كل رسالة.

language-name = العربية
language-direction = rtl

moment = { $day } { $month ->
    [1] يناير
    [2] فبراير
    [3] مارس
    [4] أبريل
    [5] مايو
    [6] يونيو
    [7] يوليو
    [8] أغسطس
    [9] سبتمبر
    [10] أكتوبر
    [11] نوفمبر
   *[12] ديسمبر
} { $year }، الساعة { $clock } بالتوقيت العالمي
moment-never = بلا نهاية
length-days = { $n ->
    [zero] { $n } يوم
    [one] يوم واحد
    [two] يومين
    [few] { $n } أيام
    [many] { $n } يومًا
   *[other] { $n } يوم
}
length-hours = { $n ->
    [zero] { $n } ساعة
    [one] ساعة واحدة
    [two] ساعتين
    [few] { $n } ساعات
    [many] { $n } ساعة
   *[other] { $n } ساعة
}
length-minutes = { $n ->
    [zero] { $n } دقيقة
    [one] دقيقة واحدة
    [two] دقيقتين
    [few] { $n } دقائق
    [many] { $n } دقيقة
   *[other] { $n } دقيقة
}
length-seconds = { $n ->
    [zero] { $n } ثانية
    [one] ثانية واحدة
    [two] ثانيتين
    [few] { $n } ثوانٍ
    [many] { $n } ثانية
   *[other] { $n } ثانية
}
list-more = { $first }، { $next }
list-last = { $first } و{ $last }

page-skip = انتقل إلى المحتوى
page-support = هل لديك أسئلة؟ اكتب إلى
continue-title = لقد سجّلت الدخول
continue-signin-title = يُرجى تسجيل الدخول
continue-going = سننقلك الآن إلى { $name }.
continue-button = المتابعة إلى { $name }
sign-in-button = تسجيل الدخول
