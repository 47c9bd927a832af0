#include <Python.h>

static PyObject *words(PyObject *self, PyObject *args) { return PyUnicode_FromString("hello from a native module"); }
static PyMethodDef methods[] = {{"words", words, METH_NOARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "hello", "", -1, methods};
PyMODINIT_FUNC PyInit_hello(void) { return PyModule_Create(&module); }
