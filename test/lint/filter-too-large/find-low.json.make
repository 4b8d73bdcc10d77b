# SPDX-License-Identifier: Apache-2.0
echo '{ "defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86_64"], "syscalls": ['
for ((i = 1; i <= 4100; i++)); do
        [ "$i" = 1 ] || echo ,
        echo "{ \"names\": [\"ioctl\"], \"action\": \"SCMP_ACT_ALLOW\","
        echo "\"args\": [{ \"index\": 1, \"value\": $((i)), \"op\": \"SCMP_CMP_EQ\" }] }"
done
echo '] }'
