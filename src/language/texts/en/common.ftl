### What stands on every page and in every mail.

# The name of this language in itself.
language-name = English
# `ltr` or `rtl`.
language-direction = ltr

## Times and lists

# $day, $month (1 to 12) and $year of a date; $clock is a time such as 17:30.
moment = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }, { $clock } UTC
moment-never = no end
# Lengths of time, as they stand after “for”.
length-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
length-hours = { $n ->
    [one] 1 hour
   *[other] { $n } hours
}
length-minutes = { $n ->
    [one] 1 minute
   *[other] { $n } minutes
}
length-seconds = { $n ->
    [one] 1 second
   *[other] { $n } seconds
}
list-more = { $first }, { $next }
list-last = { $first } and { $last }

## Every page

page-skip = Skip to the content
# An address follows.
page-support = Questions? Write to
continue-title = You are signed in
continue-signin-title = Please sign in
continue-going = You are being taken to { $name }.
continue-button = Continue to { $name }
sign-in-button = Sign in
