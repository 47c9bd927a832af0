#include <stdio.h>
/* What a bundler's native part is: a program for the platform that installed it. */
int main(void) {
    int c;
    while ((c = getchar()) != EOF)
        if (c != '\n') putchar(c);
    putchar('\n');
    return 0;
}
