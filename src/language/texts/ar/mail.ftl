### الرسائل. الموضوع سطر واحد.

mail-hello = مرحبًا،
mail-hello-name = مرحبًا { $name }،
mail-support = هل لديك أسئلة؟ اكتب إلى { $address }.

mail-invitation-subject = يدعوك { $inviter } إلى { $apps }
mail-invitation-what = يدعوك { $inviter } إلى استخدام { $apps }.
mail-invitation-lasts = مدة إذنك { $lasts }.
mail-invitation-message = كتب { $inviter }:
mail-invitation-button = اطّلع على الدعوة واقبلها
mail-invitation-expires = هذا الرابط لك وحدك ويعمل مرة واحدة، حتى { $expires }. لا حاجة إلى كلمة مرور.
mail-invitation-unexpected = إذا لم تكن تتوقع هذه الرسالة فتجاهلها: لا يحدث شيء ما لم تقبل.

mail-copy-subject = نسخة: { $inviter } يدعو { $invited } إلى { $apps }
mail-copy-what = دعا { $inviter } العنوان { $invited } إلى استخدام { $apps }.
mail-copy-why = تصلك هذه النسخة لأن { $inviter } ذكر عنوانك. لا تحتوي على رابط: وحده { $invited } يستطيع قبول الدعوة.

mail-code-subject = رمزك لـ { $app }
mail-code-is = رمزك هو
mail-code-use = اكتبه في الصفحة التي طلبته. يصلح مدة { $lifetime }، مرة واحدة.
mail-code-asked = ما الذي طلبه:
mail-code-app = التطبيق: { $app }
mail-code-time = الوقت: { $at }
mail-code-place = المكان: عنوان الشبكة { $place }
mail-code-warning = لن يسألك أحد من { $site } عن هذا الرمز أبدًا. إذا لم تطلبه أنت فتجاهل هذه الرسالة: لا يدخل أحد من دون الرمز.

mail-suspended-subject = { $site }: دخولك موقوف
mail-suspended-what = أُوقف دخولك، وأُخرجت من كل مكان.
mail-suspended-asked = يريد أحدهم تسجيل الدخول في { $site } بعنوانك. لا رمز في هذه الرسالة لأن دخولك موقوف.
mail-ended-subject = { $site }: انتهى إذنك لـ { $app }
mail-ended-what = انتهى إذنك لـ { $app }.
mail-ask-inviter = إذا كنت لا تزال تحتاج إليه، فاسأل من دعاك.
mail-copy-link = إذا لم يعمل الزر، فانسخ هذا إلى متصفحك:

mail-reported-subject = { $site }: أُبلغ عن دعوة
mail-reported-what = دعا { $inviter } العنوان { $invited }. من وصلته الدعوة رفضها وأبلغ عنها.
mail-reported-id = الدعوة: { $id }
mail-reported-next = انظر من دُعي ولماذا: ربما كان خطأ، وربما يسيء أحدهم استخدام حق الدعوة.
