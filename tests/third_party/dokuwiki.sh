#!/usr/bin/env bash
# Sets up a private copy of Debian's DokuWiki in a folder and serves it on loopback: an application that knows nothing of us.
# Usage: dokuwiki.sh FOLDER PORT      (an account `ann`, password `wiki-secret`)
set -euo pipefail
folder=$1 port=$2
mkdir -p "$folder"
cp -rL /usr/share/dokuwiki "$folder/wiki"
cp -rL /etc/dokuwiki "$folder/conf"
cp -rL /var/lib/dokuwiki/data "$folder/data"
mkdir -p "$folder"/data/{pages,media,media_meta,media_attic,attic,cache,index,locks,meta,tmp}
cat > "$folder/wiki/inc/preload.php" <<PHP
<?php
define('DOKU_CONF', '$folder/conf/');
PHP
cat > "$folder/conf/local.php" <<PHP
<?php
\$conf['title'] = 'Clinic handbook';
\$conf['savedir'] = '$folder/data';
\$conf['useacl'] = 1;
\$conf['superuser'] = '@admin';
\$conf['authtype'] = 'authplain';
\$conf['updatecheck'] = 0;
PHP
cat > "$folder/conf/acl.auth.php" <<'PHP'
# <?php exit()?>
*	@ALL	1
*	@user	8
PHP
hash=$(php -r 'echo password_hash("wiki-secret", PASSWORD_BCRYPT);')
printf '# <?php exit()?>\nann:%s:Ann Lee:ann@partner.example:user,admin\n' "$hash" > "$folder/conf/users.auth.php"
exec php -d upload_max_filesize=64M -d post_max_size=64M -S "127.0.0.1:$port" -t "$folder/wiki"
