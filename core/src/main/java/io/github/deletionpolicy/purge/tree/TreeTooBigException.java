package io.github.deletionpolicy.purge.tree;

/**
 * Ends a transaction in which more rows would go than in one may.
 */
@SuppressWarnings("serial")
public class TreeTooBigException extends RuntimeException {

}
