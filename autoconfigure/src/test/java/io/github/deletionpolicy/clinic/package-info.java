/**
 * A clinic for pets, as a user of Spring Data JDBC writes it. It has its own package, so
 * that the repositories are found in its application only.
 */
package io.github.deletionpolicy.clinic;
