console.log("hello from a bundle");
console.log("and its second line");
