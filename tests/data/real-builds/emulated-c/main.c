#include <stdio.h>
#include "word.h"

int main(void) {
    printf("hello from %s\n", word());
    return 0;
}
