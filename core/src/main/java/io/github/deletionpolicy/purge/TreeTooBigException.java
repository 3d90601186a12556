package io.github.deletionpolicy.purge;

/**
 * Ends a transaction in which more rows would go than in one may.
 */
@SuppressWarnings("serial")
class TreeTooBigException extends RuntimeException {

}
